/**
 * Who a statement names.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export type Principal =
  /** `*`, `{"AWS": "*"}`: for anonymous callers AWS calls them equivalent, and so they are here for all. */
  | { readonly kind: 'everyone'; readonly text: string }
  /** An account id or its root ARN: all that the account lets in. */
  | { readonly kind: 'account'; readonly text: string; readonly account: string }
  /** A user, role or session of an account. */
  | { readonly kind: 'identity'; readonly text: string; readonly account: string; readonly arn: string }
  /** `arn:aws:iam::*:root`: AWS refuses it ("you cannot use a wildcard to match part of a principal"). */
  | { readonly kind: 'wildcard_account'; readonly text: string }
  | { readonly kind: 'service'; readonly text: string; readonly service: string }
  /** An identity provider: `accounts.google.com`, `token.actions.githubusercontent.com`, `saml`, or `*`. */
  | { readonly kind: 'federated'; readonly text: string; readonly provider: string; readonly account: string }
  /** Some account's S3 id; whose, cannot be told. */
  | { readonly kind: 'canonical_user'; readonly text: string }
  /** `AIDA…`, `AROA…`: what is left of a user or role that was deleted. It lets nobody in. */
  | { readonly kind: 'deleted'; readonly text: string }
  /** An identity of AWS's own, such as a CloudFront origin access identity. */
  | { readonly kind: 'aws_owned'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string }

const accountId = /^\d{12}$/
const uniqueId = /^(AIDA|AROA|AGPA|ANPA|ASIA|AKIA|APKA|ASCA|ACCA)[A-Z0-9]{12,}$/

export function parsePrincipal(type: string, value: string): Principal {
  const text = `${type}:${value}`
  if (/^\*+$/.test(value)) {
    if (type === 'service') return { kind: 'service', text: 'Service:*', service: '*' }
    if (type === 'federated') return { kind: 'federated', text: 'Federated:*', provider: '*', account: '' }
    return { kind: 'everyone', text: '*' }
  }
  if (type === 'service') return { kind: 'service', text: `Service:${value}`, service: value.toLowerCase() }
  if (type === 'federated') return parseFederated(value)
  if (type === 'canonicaluser') return { kind: 'canonical_user', text: `CanonicalUser:${value}` }
  if (type !== 'aws') return { kind: 'unknown', text }
  return parseAws(value)
}

function parseAws(value: string): Principal {
  const text = `AWS:${value}`
  // A number in JSON loses its leading zeros.
  if (/^\d{1,12}$/.test(value)) return { kind: 'account', text, account: value.padStart(12, '0') }
  if (uniqueId.test(value)) return { kind: 'deleted', text }
  const parts = value.split(':')
  const account = parts[4] ?? ''
  if (parts[0] !== 'arn' || parts.length < 6) return { kind: 'unknown', text }
  if (/[*?]/.test(account)) return { kind: 'wildcard_account', text }
  if (account === 'cloudfront' || account === 'aws') return { kind: 'aws_owned', text }
  if (!accountId.test(account)) return { kind: 'unknown', text }
  if (parts[5] === 'root') return { kind: 'account', text, account }
  return { kind: 'identity', text, account, arn: value }
}

function parseFederated(value: string): Principal {
  const text = `Federated:${value}`
  const found = /^arn:[^:]*:iam::([^:]*):(oidc-provider|saml-provider)\/(.+)$/i.exec(value)
  if (found === null) return { kind: 'federated', text, provider: value.toLowerCase(), account: '' }
  const isSaml = found[2]?.toLowerCase() === 'saml-provider'
  const provider = isSaml ? 'saml' : (found[3] ?? '').toLowerCase()
  return { kind: 'federated', text, provider, account: found[1] ?? '' }
}
