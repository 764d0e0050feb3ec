import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Stored } from '../../../lake/stored.ts'

export const actionColumns = {
  action_types: 'text',
  final_action_type: 'text',
  authenticates_users: 'boolean',
  redirects_to_https: 'boolean',
  redirect_protocol: 'text',
  redirect_port: 'text',
  redirect_host: 'text',
  redirect_status_code: 'text',
  fixed_response_status_code: 'text',
} as const

export const actionTitles = {
  action_types: 'Its actions in their order, with commas between: authenticate-oidc, forward',
  final_action_type: 'What comes of a request in the end: forward, redirect or fixed-response',
  authenticates_users: 'One of them asks who the user is, by OpenID Connect, Cognito or a token',
  redirects_to_https: 'In the end it is a redirect to HTTPS',
  redirect_protocol: 'HTTP or HTTPS, after filling in what the redirect takes over from the request',
  redirect_status_code: 'HTTP_301 or HTTP_302; empty where it is no redirect',
}

/** What a listener does with a request that came by `protocol`: by default, or by one of its rules. */
export function toActions(declared: readonly Stored<Action>[] | undefined, protocol: string) {
  if (declared !== undefined && declared.length > 1 && declared.some(({ Order }) => Order === undefined))
    throw new TypeError('actions say no order')
  const actions = [...(declared ?? [])].map(complete).sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0))
  const final = actions.at(-1)
  const redirect = final?.RedirectConfig
  const redirectProtocol = redirect === undefined ? '' : redirectsWith(redirect.Protocol, protocol)
  return {
    action_types: actions.map((action) => action.Type ?? '').join(', '),
    final_action_type: final?.Type ?? '',
    authenticates_users: actions.some((action) => /^(authenticate|jwt)-/.test(action.Type ?? '')),
    redirects_to_https: redirectProtocol === 'HTTPS',
    redirect_protocol: redirectProtocol,
    redirect_port: redirect?.Port ?? '',
    redirect_host: redirect?.Host ?? '',
    redirect_status_code: redirect?.StatusCode ?? '',
    fixed_response_status_code: final?.FixedResponseConfig?.StatusCode ?? '',
  }
}

/** What an action of its type always has. */
function complete(action: Stored<Action>): Stored<Action> {
  const { Type, RedirectConfig, FixedResponseConfig, ForwardConfig, TargetGroupArn } = action
  const lacks =
    (Type === 'redirect' && RedirectConfig === undefined) ||
    (Type === 'fixed-response' && FixedResponseConfig === undefined) ||
    (Type === 'forward' && (ForwardConfig ?? TargetGroupArn) === undefined)
  if (lacks) throw new TypeError(`an action of the type ${Type} says not what it does`)
  return action
}

/** `#{protocol}`, or nothing, stands for what the request came by. */
function redirectsWith(declared: string | undefined, protocol: string): string {
  return declared === undefined || declared === '#{protocol}' ? protocol : declared
}

export function targetsOf(action: Stored<Action>): { target_group_arn: string; weight: number }[] {
  const weighted = action.ForwardConfig?.TargetGroups ?? []
  const all = weighted.length > 0 ? weighted : action.TargetGroupArn === undefined ? [] : [action]
  return all.map((one) => ({
    target_group_arn: one.TargetGroupArn ?? '',
    weight: ('Weight' in one ? one.Weight : undefined) ?? 1,
  }))
}
