import type { Json, JsonObject } from '../../src/core/json.ts'

/**
 * The slow and plain judge, for tests: makes requests that strangers could send, one by one, and evaluates each as
 * AWS does (an explicit Deny, else an Allow). It shares no code with the real one and knows only what the
 * property tests write.
 */
interface Request {
  readonly who: 'anonymous' | 'aws_user' | 'service'
  readonly action: string
  readonly resource: string
  readonly keys: ReadonlyMap<string, string>
}

// A stranger is somewhere on the internet: one address for every way in which the ranges of the tests can cut it.
const addresses = ['2.3.4.5', '190.3.4.5', '2a00::1']
const actions = ['s3:getobject', 's3:getacl', 's3:putobject', 's3:listbucket', 's3:restoreobject']
const resources = ['arn:aws:s3:::shop', 'arn:aws:s3:::shop/a/1', 'arn:aws:s3:::shop/b']
const referers = [undefined, 'x', 'y', 'xz', 'other']

function* requests(): Generator<Request> {
  for (const who of ['anonymous', 'aws_user', 'service'] as const) {
    for (const path of who === 'service' ? ['none'] : [...addresses, 'endpoint']) {
      for (const organization of who === 'aws_user' ? [undefined, 'o-stranger'] : [undefined]) {
        for (const source of who === 'service' ? [undefined, '999999999999'] : [undefined]) {
          for (const secure of ['true', 'false']) {
            for (const referer of referers) {
              const keys = new Map<string, string>([['aws:securetransport', secure]])
              if (who === 'aws_user') keys.set('aws:principalaccount', '999999999999')
              if (who === 'anonymous') keys.set('aws:principalaccount', 'anonymous')
              if (who !== 'anonymous') keys.set('aws:principalisawsservice', String(who === 'service'))
              if (path === 'endpoint') keys.set('aws:sourcevpce', 'vpce-stranger')
              else if (path !== 'none') keys.set('aws:sourceip', path)
              if (organization !== undefined) keys.set('aws:principalorgid', organization)
              if (source !== undefined) keys.set('aws:sourceaccount', source)
              if (referer !== undefined) keys.set('aws:referer', referer)
              for (const action of actions) {
                for (const resource of resources) yield { who, action, resource, keys }
              }
            }
          }
        }
      }
    }
  }
}

export function isPublicByTrial(statements: readonly JsonObject[]): boolean {
  for (const request of requests()) {
    const matching = statements.filter((statement) => applies(statement, request))
    if (matching.some((statement) => statement.Effect === 'Deny')) continue
    if (matching.length > 0) return true
  }
  return false
}

/** Who gets into a role: a stranger with an account, users of a SAML provider, pods of a cluster; by trial, too. */
export interface Entrants {
  readonly stranger: boolean
  readonly saml: boolean
  readonly pod: boolean
}

export function entrantsByTrial(statements: readonly JsonObject[], saml: string, cluster: string): Entrants {
  const subject = `${cluster.replace(/^[^/]*\//, '')}:sub`.toLowerCase()
  const getsIn = (principal: string, action: string, claim: string | undefined): boolean => {
    const keys = new Map(claim === undefined ? [] : [[subject, claim]])
    const matching = statements.filter((statement) => {
      const named = toList((statement.Principal as JsonObject).Federated).includes(principal)
      const { Principal, Effect, ...rest } = statement
      // Everybody who is named in a Deny is somebody with a token as well; an Allow for everyone is tried by the stranger.
      const isNamed = principal === '*' || Effect === 'Deny' ? names(Principal ?? '') || named : named
      return isNamed && applies(rest, { who: 'aws_user', action, resource: '', keys })
    })
    return matching.length > 0 && matching.every((statement) => statement.Effect === 'Allow')
  }
  const [byKey, bySaml, byToken] = ['', 'withsaml', 'withwebidentity'].map((way) => `sts:assumerole${way}`)
  const claims = [undefined, 'system:serviceaccount:a:b', 'system:serviceaccount:c:d']
  return {
    stranger: [byKey, bySaml, byToken].some((way) => claims.some((claim) => getsIn('*', way!, claim))),
    saml: getsIn(saml, bySaml!, undefined),
    // Somebody in particular is not anybody: the trial is of a pod that no document names.
    pod: getsIn(cluster, byToken!, 'system:serviceaccount:c:d'),
  }
}

function applies(statement: JsonObject, request: Request): boolean {
  const { Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } = statement
  if (Principal !== undefined && !names(Principal)) return false
  if (NotPrincipal !== undefined && names(NotPrincipal)) return false
  const fits = (list: Json | undefined, text: string): boolean =>
    toList(list).some((pattern) => isLike(pattern, text))
  if (Action !== undefined && !fits(lower(Action), request.action)) return false
  if (NotAction !== undefined && fits(lower(NotAction), request.action)) return false
  if (Resource !== undefined && !fits(Resource, request.resource)) return false
  if (NotResource !== undefined && fits(NotResource, request.resource)) return false
  for (const [operator, keys] of Object.entries((Condition ?? {}) as Record<string, JsonObject>)) {
    for (const [key, values] of Object.entries(keys)) {
      if (!holds(operator, request.keys.get(key.toLowerCase()), toList(values))) return false
    }
  }
  return true
}

/** A named service is not a stranger, and no stranger is bound to act through that one. */
function names(principal: Json): boolean {
  return principal === '*' || toList((principal as JsonObject).AWS).includes('*')
}

function holds(operator: string, value: string | undefined, values: string[]): boolean {
  if (operator === 'Null') return values.includes(String(value === undefined))
  const isNegated = operator.includes('Not')
  if (value === undefined) return isNegated || operator.endsWith('IfExists')
  const found = values.some((one) => {
    if (operator.includes('Ip')) return isIn(value, one)
    return operator.startsWith('Bool') ? one === value : isLike(one, value)
  })
  return found !== isNegated
}

function isIn(address: string, range: string): boolean {
  if (range === '::/0') return address.includes(':')
  if (address.includes(':')) return false
  const first = Number(address.split('.')[0])
  if (range === '0.0.0.0/0') return true
  if (range === '0.0.0.0/1') return first < 128
  return range === '128.0.0.0/1' && first >= 128
}

function isLike(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}

function toList(value: Json | undefined): string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map(String)
}

function lower(value: Json): Json {
  return toList(value).map((text) => text.toLowerCase())
}
