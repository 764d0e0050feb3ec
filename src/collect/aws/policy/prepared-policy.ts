import type { Caller } from './caller.ts'
import type { VariableReader } from './evaluate-condition.ts'
import type { Named } from './language.ts'
import { type Budget, newBudget } from './limits.ts'
import {
  fillIn,
  type Glob,
  isEverything,
  ONE,
  type Pattern,
  STAR,
  SYMBOL,
  toCodes,
  toLowerCase,
  toPattern,
} from './pattern.ts'
import type { Policy, PolicyStatement } from './policy.ts'
import { ValueDomains } from './value-domain.ts'

/** A document made ready for questions: patterns compiled, values to try collected, one purse for all searches. */
export class PreparedPolicy {
  readonly policy: Policy
  readonly domains: ValueDomains
  readonly budget: Budget
  readonly denies: readonly PolicyStatement[]
  /** What the resource understands at all; undefined where the document is not one resource's. */
  readonly ownActions: readonly Pattern[] | undefined
  /** The document is a role's trust: an action that does not take the role lets nobody in. */
  readonly isTrust: boolean
  readonly ownResources: readonly Pattern[] | undefined
  private readonly symbols = new Map<string, number>()
  private readonly actions = new Map<PolicyStatement, Named>()

  constructor(policy: Policy) {
    this.policy = policy
    this.domains = new ValueDomains(policy.statements, policy.context.accountId)
    this.budget = newBudget()
    this.denies = policy.statements.filter((statement) => statement.effect === 'Deny')
    const arn = policy.context.resourceArn
    const service = arn === undefined ? undefined : toService(arn)
    this.isTrust = service === 'sts'
    this.ownActions =
      service === undefined ? undefined : this.isTrust ? roleActions : [toPattern(`${service}:*`)]
    this.ownResources = arn === undefined ? undefined : [toCodes(arn), ...partsOf(arn, service)]
  }

  actionsOf(statement: PolicyStatement): Named {
    let found = this.actions.get(statement)
    if (found === undefined) {
      found = { isNegated: statement.isNotAction, patterns: toActions(statement) }
      this.actions.set(statement, found)
    }
    return found
  }

  /**
   * The resources of a statement as one caller makes them: the account's own variables are filled in, others become
   * unknown values, equal only to themselves. One that this caller has no value for makes its pattern void;
   * undefined where that would make a Deny reach further than it does.
   */
  resourcesOf(statement: PolicyStatement, caller: Caller): Named | undefined {
    const patterns: Pattern[] = []
    for (const glob of statement.resources) {
      const pattern = this.fill(glob, caller)
      if (pattern !== undefined) patterns.push(pattern)
      else if (statement.effect === 'Deny' && statement.isNotResource) return undefined
    }
    return { isNegated: statement.isNotResource, patterns }
  }

  /** By what this caller can take the role of a trust: who has a token of a provider has no other way. */
  waysIntoRole(caller: Caller): readonly Pattern[] {
    if (caller.who !== 'federated' || caller.provider === '*') return roleActions
    return caller.provider === 'saml' ? [assumeRoleWithSaml] : [assumeRoleWithWebIdentity]
  }

  variablesFor(caller: Caller): VariableReader {
    return {
      fixed: (variable) => {
        const isOwn = variable.name === 'aws:resourceaccount' || variable.name === 's3:resourceaccount'
        if (isOwn) return this.policy.context.accountId
        if (caller.who === 'holder') {
          if (variable.name === 'aws:principalaccount') return this.policy.context.accountId
          if (variable.name === 'aws:username' && caller.userName !== undefined) return caller.userName
        }
        // Whatever the owner's organization is, a stranger is not in it.
        return variable.name.startsWith('aws:resourceorg') ? "the-owner's" : undefined
      },
      mayBePresent: (variable) => {
        const view = this.domains.view(caller, variable.name)
        return (
          view.mayBeChosen ||
          view.foreign !== undefined ||
          view.known !== undefined ||
          view.isAddress === true ||
          view.isOpaque === true ||
          view.ofAccount !== undefined
        )
      },
    }
  }

  /** One resource as a caller makes it; undefined where the caller has no value for a variable. */
  fill(glob: Glob, caller: Caller): Pattern | undefined {
    const pattern = glob.variables.length === 0 ? glob.tokens : this.fillVariables(glob, caller)
    return caller.who === 'holder' && pattern !== undefined ? withAnyName(pattern) : pattern
  }

  private fillVariables(glob: Glob, caller: Caller): Pattern | undefined {
    const variables = this.variablesFor(caller)
    return fillIn(glob, (variable) => {
      const { name, fallback } = variable
      const fixed = variables.fixed(variable)
      if (fixed !== undefined && !name.startsWith('aws:resourceorg')) return toCodes(fixed)
      // A user has a name, whatever is written for those without one.
      if (caller.who === 'holder' && name === 'aws:username') return [this.symbolOf(name)]
      if (variables.mayBePresent(variable)) return [this.symbolOf(`${name},${fallback ?? ''}`)]
      return fallback === undefined ? undefined : toCodes(fallback)
    })
  }

  private symbolOf(name: string): number {
    const known = this.symbols.get(name)
    if (known !== undefined) return known
    const symbol = SYMBOL + this.symbols.size
    this.symbols.set(name, symbol)
    return symbol
  }
}

/** What an identity is allowed is called something, after a slash, too: `/?*` is `/*`, and so covers unknown values. */
function withAnyName(pattern: Pattern): Pattern {
  if (!pattern.includes(ONE)) return pattern
  return pattern.filter((token, at) => token !== ONE || pattern[at - 1] !== 47 || pattern[at + 1] !== STAR)
}

const anyAction = toPattern('*:*')

/**
 * What takes a role. TagSession, SetSourceIdentity and SetContext only add to what takes it, and GetCallerIdentity needs
 * no permission: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
const assumeRoleWithSaml = toPattern('sts:assumerolewithsaml')
const assumeRoleWithWebIdentity = toPattern('sts:assumerolewithwebidentity')
const roleActions = [toPattern('sts:assumerole'), assumeRoleWithSaml, assumeRoleWithWebIdentity]

/** Actions are not case-sensitive; a lone star is every action. */
function toActions(statement: PolicyStatement): Pattern[] {
  const found: Pattern[] = []
  for (const glob of statement.actions) {
    if (isEverything(glob.tokens)) found.push(anyAction)
    // AWS refuses a pattern without a colon; whether it would take something back is not for us to assume.
    else if (glob.tokens.includes(58) || isGrant(statement)) found.push(toLowerCase(glob.tokens))
  }
  return found
}

function isGrant(statement: PolicyStatement): boolean {
  return (statement.effect === 'Allow') !== statement.isNotAction
}

/** Services whose resources have nothing inside that a policy could name. */
const indivisible = new Set(['ecr', 'elasticfilesystem', 'kms', 'secretsmanager', 'sns', 'sqs', 'sts'])

function partsOf(arn: string, service: string | undefined): Pattern[] {
  if (service !== undefined && indivisible.has(service)) return []
  // The key of an object has at least one character.
  const parts = service === 's3' ? ['/?*'] : ['/*', ':*']
  return parts.map((part) => [...toCodes(arn), ...toPattern(part)])
}

function toService(arn: string): string | undefined {
  const [, , service = '', , , rest = ''] = arn.split(':')
  if (service === '') return undefined
  // A role's trust is about taking the role, which is the business of the token service.
  return service === 'iam' && rest.startsWith('role/') ? 'sts' : service
}
