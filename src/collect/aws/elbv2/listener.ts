import type { Rule, Listener as SdkListener } from '@aws-sdk/client-elastic-load-balancing-v2'
import { count, flag, text } from '../../../lake/columns.ts'
import { child, defineTable } from '../../../lake/define-table.ts'
import type { Stored } from '../../../lake/stored.ts'
import { listenerOf } from './events.ts'
import { actionTitles, targetsOf, toActions } from './listener-actions.ts'
import { ruleColumns, ruleTitles, toRule } from './listener-rule.ts'

type Listener = SdkListener
interface Rules {
  Rules: Rule[]
}

const actions = (list: string) => [
  list,
  ...[
    'Type',
    ...['RedirectConfig.Protocol', 'RedirectConfig.StatusCode'],
    ...['FixedResponseConfig.StatusCode', 'ForwardConfig.TargetGroups'],
    'ForwardConfig.TargetGroups.TargetGroupArn',
  ].map((field) => `${list}.${field}`),
]
const encrypted = new Set(['HTTPS', 'TLS', 'QUIC'])
const targetColumns = { target_group_arn: 'text', weight: 'bigint' } as const
const ruleTargetColumns = { rule_arn: 'text', is_default: 'boolean', ...targetColumns } as const

/** These have a certificate and a policy. */
const isOfTls = ({ Protocol }: Stored<Listener>) => Protocol === 'HTTPS' || Protocol === 'TLS'
/** Listeners of gateway load balancers have neither protocol nor port; all others have both. */
const isOfGateway = (listener: Stored<Listener>) => /:listener\/gwy\//.test(listener.ListenerArn ?? '')
const none = (listener: Stored<Listener>) => (isOfGateway(listener) ? '' : undefined)
const protocolOf = (listener: Stored<Listener>) => listener.Protocol ?? none(listener)
const isEncrypted = (listener: Stored<Listener>) => {
  const protocol = protocolOf(listener)
  return protocol === undefined ? undefined : encrypted.has(protocol)
}

const actionsOf = (listener: Stored<Listener>) => toActions(listener.DefaultActions, listener.Protocol ?? '')

/** Listed within each load balancer. Of application load balancers the rules are read, too: no others have any. */
export const listener = defineTable<{ list: Listener; rules: Rules }>({
  name: 'aws_lb_listener',
  title: 'Listener of a load balancer, with its default actions and its rules',
  docs: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html',
  provider: 'aws',
  via: 'aws',
  service: 'elasticloadbalancingv2',
  parts: 'region',
  identity: {
    key: '{ListenerArn}',
    native_id: 'ListenerArn',
    name: (listener) => [listener.Protocol, listener.Port].filter((one) => one !== undefined).join(':'),
    from_event: listenerOf,
  },
  list: {
    within: 'aws_lb',
    read: {
      operation: 'DescribeListeners',
      input: { LoadBalancerArn: '{$parent}', PageSize: 400 },
      pages: { out: 'NextMarker', in: 'Marker' },
      items: 'Listeners',
      permission: 'elasticloadbalancing:DescribeListeners',
      gone: ['LoadBalancerNotFound'],
    },
    one: {
      operation: 'DescribeListeners',
      input: { ListenerArns: ['{$id}'] },
      items: 'Listeners',
      permission: 'elasticloadbalancing:DescribeListeners',
      gone: ['ListenerNotFound', 'LoadBalancerNotFound'],
    },
    secret: ['DefaultActions.AuthenticateOidcConfig.ClientSecret'],
    set: ['Certificates'],
    sent: [...actions('DefaultActions'), 'MutualAuthentication.Mode'],
    columns: {
      arn: text('ListenerArn'),
      load_balancer_arn: text('LoadBalancerArn'),
      port: count(
        (one) => one.Port ?? (isOfGateway(one) ? 0 : undefined),
        undefined,
        'Gateway load balancers listen on all ports: 0',
      ),
      protocol: text(protocolOf, undefined, 'HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, QUIC, TCP_QUIC or GENEVE'),
      is_encrypted: flag(isEncrypted, undefined, 'What comes in is encrypted: HTTPS, TLS or QUIC'),
      ssl_policy: text((one) => one.SslPolicy ?? (isOfTls(one) ? undefined : '')),
      certificate_arn: text(
        (one) => one.Certificates?.[0]?.CertificateArn ?? (isOfTls(one) ? undefined : ''),
        undefined,
        'The default certificate',
      ),
      alpn_policy: text(
        (listener) => listener.AlpnPolicy?.join(', '),
        '',
        'HTTP1Only, HTTP2Only, HTTP2Optional, HTTP2Preferred or None; empty where there is none',
      ),
      mutual_authentication_mode: text('MutualAuthentication.Mode', 'off', 'off, passthrough or verify'),
      trust_store_arn: text('MutualAuthentication.TrustStoreArn', ''),
      action_types: text((one) => actionsOf(one).action_types, undefined, actionTitles.action_types),
      final_action_type: text(
        (one) => actionsOf(one).final_action_type,
        undefined,
        actionTitles.final_action_type,
      ),
      authenticates_users: flag(
        (one) => actionsOf(one).authenticates_users,
        undefined,
        actionTitles.authenticates_users,
      ),
      redirects_to_https: flag(
        (one) => actionsOf(one).redirects_to_https,
        undefined,
        'Its default action is a redirect to HTTPS',
      ),
      redirect_protocol: text(
        (one) => actionsOf(one).redirect_protocol,
        undefined,
        actionTitles.redirect_protocol,
      ),
      redirect_port: text((one) => actionsOf(one).redirect_port),
      redirect_host: text((one) => actionsOf(one).redirect_host),
      redirect_status_code: text(
        (one) => actionsOf(one).redirect_status_code,
        undefined,
        actionTitles.redirect_status_code,
      ),
      fixed_response_status_code: text((one) => actionsOf(one).fixed_response_status_code),
    },
  },
  groups: {
    rules: {
      title:
        'Rules, the default one too. Listeners of network and gateway load balancers have none to ask for',
      applies: ({ Protocol }) => Protocol === 'HTTP' || Protocol === 'HTTPS',
      read: {
        reads: {
          rules: {
            operation: 'DescribeRules',
            input: { ListenerArn: '{ListenerArn}', PageSize: 400 },
            pages: { out: 'NextMarker', in: 'Marker' },
            pick: 'Rules',
            permission: 'elasticloadbalancing:DescribeRules',
            secret: ['Rules.Actions.AuthenticateOidcConfig.ClientSecret'],
            gone: ['ListenerNotFound'],
          },
        },
        shape: ({ rules }: { rules: Stored<Rule>[] }) => ({ Rules: rules }),
      },
      secret: ['Rules.Actions.AuthenticateOidcConfig.ClientSecret'],
      set: ['Rules'],
      sent: [
        ...['RuleArn', 'Priority', 'IsDefault', 'Conditions', 'Conditions.Field'].map(
          (field) => `Rules.${field}`,
        ),
        ...actions('Rules.Actions'),
      ],
      columns: {
        rule_count: count(
          ({ Rules }) => Rules.filter((rule) => rule.IsDefault !== true).length,
          0,
          'Beside the default one',
        ),
      },
    },
  },
  children: {
    aws_lb_listener_target_group: child<Listener, typeof targetColumns>({
      title: 'Target group that the default action of a listener forwards to',
      group: 'list',
      columns: targetColumns,
      rows: ({ DefaultActions }) => (DefaultActions ?? []).flatMap(targetsOf),
    }),
    aws_lb_listener_rule: child<Rules, typeof ruleColumns>({
      title: 'Rule of a listener of an application load balancer: the first that fits, by priority, decides',
      group: 'rules',
      columns: ruleColumns,
      titles: ruleTitles,
      rows: ({ Rules }, { item }) =>
        Rules.map((rule) => toRule(rule, (item as Stored<Listener>).Protocol ?? '')),
    }),
    aws_lb_listener_rule_target_group: child<Rules, typeof ruleTargetColumns>({
      title: 'Target group that a rule of a listener forwards to',
      group: 'rules',
      columns: ruleTargetColumns,
      rows: ({ Rules }) =>
        Rules.flatMap((rule) =>
          (rule.Actions ?? []).flatMap(targetsOf).map((target) => ({
            rule_arn: rule.RuleArn ?? '',
            is_default: rule.IsDefault ?? false,
            ...target,
          })),
        ),
    }),
  },
  events: {
    CreateListener: 'responseElements.listeners.listenerArn',
    ModifyListener: 'requestParameters.listenerArn',
    DeleteListener: 'requestParameters.listenerArn',
    CreateRule: 'requestParameters.listenerArn',
    ModifyRule: 'requestParameters.ruleArn',
    DeleteRule: 'requestParameters.ruleArn',
    SetRulePriorities: 'requestParameters.rulePriorities.ruleArn',
  },
})
