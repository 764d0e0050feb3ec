/**
 * The callers for whom a document is tried. A *stranger* is anybody on the internet: without credentials, with an
 * AWS account of their own, or by way of an AWS service that they can make act for them. Strangers choose whatever
 * a caller chooses; they are not in a fixed account, organization, VPC or address range.
 */
export type Caller =
  | { readonly who: 'anonymous' | 'aws_user'; readonly path: 'internet' | 'own_vpc' }
  /** A service on behalf of a stranger; `*` for any service. */
  | { readonly who: 'service'; readonly path: 'internet'; readonly service: string }
  /** Somebody who can sign in at an identity provider; a guest does not even have to sign in. */
  | {
      readonly who: 'federated'
      readonly path: 'internet' | 'own_vpc'
      readonly provider: string
      readonly isGuest?: true
    }
  /** Somebody of a certain account, from anywhere; with `arn`, a certain user or role of it. */
  | { readonly who: 'member'; readonly path: 'any'; readonly account: string; readonly arn: string }
  /** Somebody of an account that the document does not name, in any organization, network or VPC. */
  | { readonly who: 'outsider'; readonly path: 'any' }
  /** Whoever the document of an identity is attached to; the user by name where it is known. */
  | { readonly who: 'holder'; readonly path: 'any'; readonly userName?: string }
  /** All at once: what is denied to this caller is denied to every single one. */
  | { readonly who: 'anyone'; readonly path: 'any'; readonly secureTransport: boolean }

export const anonymousCallers: readonly Caller[] = [
  { who: 'anonymous', path: 'internet' },
  { who: 'anonymous', path: 'own_vpc' },
]

export const awsUsers: readonly Caller[] = [
  { who: 'aws_user', path: 'internet' },
  { who: 'aws_user', path: 'own_vpc' },
]

export const anyService: Caller = { who: 'service', path: 'internet', service: '*' }

/** Strangers must be many: for them an address range counts only when it is broad. */
export function isStranger(caller: Caller): boolean {
  return caller.path !== 'any'
}

export function describeCaller(caller: Caller): string {
  const way = caller.path === 'own_vpc' ? ' through a VPC endpoint of their own' : ''
  if (caller.who === 'anonymous') return `anyone without credentials${way}`
  if (caller.who === 'aws_user') return `anyone with an AWS account${way}`
  if (caller.who === 'service') return 'anyone by way of an AWS service'
  if (caller.who === 'federated' && caller.isGuest) return `every guest of ${caller.provider}${way}`
  if (caller.who === 'federated') return `anyone who can sign in at ${caller.provider}${way}`
  if (caller.who === 'member') return `account ${caller.account}`
  return caller.who === 'outsider' ? 'accounts that the document does not name' : 'its holder'
}
