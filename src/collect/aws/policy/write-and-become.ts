import { looseBoundaries, looseValues } from './boundaries.ts'
import { mayMeet } from './common-text.ts'
import type { Values } from './find-request.ts'
import { allOf, holderOf, isLeft, type Kind, names, only, takenBack, withoutColon } from './held-rights.ts'
import type { Named } from './language.ts'
import { type Pattern, toPattern } from './pattern.ts'
import type { PolicyStatement } from './policy.ts'
import type { PreparedPolicy } from './prepared-policy.ts'

/**
 * Who writes what an identity may do, and becomes it, has every right, however few the identity has until then, and however few
 * identities they are.
 */
const pairs: readonly { kind: Kind; writes: readonly string[]; becomes: readonly string[] }[] = [
  {
    kind: 'role',
    writes: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'],
    becomes: ['iam:CreateRole', 'iam:UpdateAssumeRolePolicy', 'sts:AssumeRole'],
  },
  {
    kind: 'user',
    writes: ['iam:PutUserPolicy', 'iam:AttachUserPolicy'],
    becomes: ['iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile'],
  },
  {
    kind: 'group',
    writes: ['iam:PutGroupPolicy', 'iam:AttachGroupPolicy'],
    becomes: ['iam:AddUserToGroup'],
  },
]

interface Targets {
  readonly kind: Kind
  readonly all: Pattern
  readonly each: readonly Named[]
}

/** What one pattern of a statement is allowed for. */
class Right {
  readonly statement: PolicyStatement
  readonly pattern: Pattern
  /** What a NotResource leaves. */
  readonly besides: readonly Named[]
  readonly #named: readonly string[]
  #left: readonly string[] | undefined
  readonly #taken = new Map<string, Map<Values | undefined, Named[]>>()

  constructor(
    statement: PolicyStatement,
    named: readonly string[],
    pattern: Pattern,
    besides: readonly Named[],
  ) {
    this.statement = statement
    this.#named = named
    this.pattern = pattern
    this.besides = besides
  }

  /** Actions that are not taken back altogether; asked for once there is something to meet. */
  actions(prepared: PreparedPolicy, { each }: Targets): readonly string[] {
    const also = [...this.besides, ...each]
    this.#left ??= this.#named.filter((action) => this.isLeft(prepared, action, undefined, also))
    return this.#left
  }

  isLeft(
    prepared: PreparedPolicy,
    action: string,
    values: Values | undefined,
    also: readonly Named[],
  ): boolean {
    return isLeft(prepared, this.statement, action, only(this.pattern), also, values)
  }

  takenBack(prepared: PreparedPolicy, action: string, values: Values | undefined): Named[] {
    const ofAction = this.#taken.get(action) ?? new Map<Values | undefined, Named[]>()
    this.#taken.set(action, ofAction)
    const found = ofAction.get(values) ?? takenBack(prepared, this.statement, action, values)
    ofAction.set(values, found)
    return found
  }
}

/** `mayStart`: something that is known to run what its holder writes with a role that is passed to it. */
export function writesWhatItBecomes(
  prepared: PreparedPolicy,
  allows: readonly PolicyStatement[],
  mayStart: () => boolean,
): boolean {
  return pairs.some(({ kind, writes, becomes }) => {
    const targets = targetsOf(prepared, kind)
    const written = rightsOf(prepared, allows, writes, targets)
    if (written.length === 0) return false
    const isMet = (become: Right): boolean => written.some((write) => meet(prepared, write, become, targets))
    if (rightsOf(prepared, allows, becomes, targets).some(isMet)) return true
    if (kind !== 'role') return false
    const passed = rightsOf(prepared, allows, ['iam:PassRole'], targets)
    return passed.length > 0 && mayStart() && passed.some(isMet)
  })
}

/** Nothing has a colon in its name, and what AWS keeps for itself nobody writes. */
function targetsOf(prepared: PreparedPolicy, kind: Kind): Targets {
  const { partition, accountId } = prepared.policy.context
  const under = (path: string): Pattern => toPattern(`arn:${partition}:iam::${accountId}:${path}/*`)
  const ofAws = [under('role/aws-service-role'), under('role/aws-reserved')]
  const all = allOf(prepared, kind)
  return { kind, all, each: [only(all), withoutColon(prepared), { patterns: ofAws, isNegated: true }] }
}

function rightsOf(
  prepared: PreparedPolicy,
  allows: readonly PolicyStatement[],
  actions: readonly string[],
  { all }: Targets,
): Right[] {
  return allows.flatMap((statement) => {
    const named = actions.filter((action) => names(prepared, statement, action))
    const resources = named.length === 0 ? undefined : prepared.resourcesOf(statement, holderOf(prepared))
    if (resources === undefined) return []
    if (resources.isNegated) return [new Right(statement, named, all, [resources])]
    return resources.patterns
      .filter((pattern) => mayMeet(pattern, all, prepared.budget))
      .map((pattern) => new Right(statement, named, pattern, []))
  })
}

/** Is there a target on which no Deny takes either of them back, and which nothing bounds? */
function meet(prepared: PreparedPolicy, write: Right, become: Right, targets: Targets): boolean {
  if (!mayMeet(write.pattern, become.pattern, prepared.budget)) return false
  const writes = write.actions(prepared, targets)
  const becomes = writes.length === 0 ? [] : become.actions(prepared, targets)
  if (becomes.length === 0) return false
  const both = [
    only(write.pattern),
    only(become.pattern),
    ...write.besides,
    ...become.besides,
    ...targets.each,
  ]
  return looseBoundaries(prepared, targets.kind, both).some((boundary) =>
    writes.some((one) =>
      becomes.some((other) =>
        looseValues(prepared, one, boundary).some((writing) =>
          looseValues(prepared, other, boundary).some((becoming) => {
            const notTaken = [...both, ...become.takenBack(prepared, other, becoming)]
            if (!write.isLeft(prepared, one, writing, notTaken)) return false
            const alsoLeft = [...both, ...write.takenBack(prepared, one, writing)]
            return become.isLeft(prepared, other, becoming, alsoLeft)
          }),
        ),
      ),
    ),
  )
}
