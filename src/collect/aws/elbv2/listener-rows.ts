import type { Action, Listener } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Stored } from '../../../lake/stored.ts'

const encrypted = new Set(['HTTPS', 'TLS', 'QUIC'])

export function toListener(listener: Stored<Listener>) {
  const protocol = listener.Protocol ?? ''
  const actions = [...(listener.DefaultActions ?? [])].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0))
  const final = actions.at(-1)
  const redirect = final?.RedirectConfig
  const redirectProtocol = redirect === undefined ? '' : redirectsWith(redirect.Protocol, protocol)
  return {
    listener_arn: listener.ListenerArn ?? '',
    port: listener.Port ?? 0,
    protocol,
    is_encrypted: encrypted.has(protocol),
    ssl_policy: listener.SslPolicy ?? '',
    certificate_arn: listener.Certificates?.[0]?.CertificateArn ?? '',
    alpn_policy: (listener.AlpnPolicy ?? []).join(', '),
    mutual_authentication_mode: listener.MutualAuthentication?.Mode ?? 'off',
    trust_store_arn: listener.MutualAuthentication?.TrustStoreArn ?? '',
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
