import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect, it } from 'vitest'
import type { Stored } from '../../../lake/stored.ts'
import { listenerOf, loadBalancerOf, targetGroupOf } from './events.ts'
import { targetsOf, toActions } from './listener-actions.ts'
import { toRule } from './listener-rule.ts'

const redirect = (Protocol?: string) => ({
  Protocol: 'HTTP' as const,
  DefaultActions: [
    {
      Type: 'redirect' as const,
      RedirectConfig: { StatusCode: 'HTTP_301' as const, ...(Protocol ? { Protocol } : {}) },
    },
  ],
})

it.each([
  [
    redirect('HTTPS'),
    { redirects_to_https: true, redirect_protocol: 'HTTPS', final_action_type: 'redirect' },
  ],
  [redirect('HTTP'), { redirects_to_https: false, redirect_protocol: 'HTTP' }],
  [redirect('#{protocol}'), { redirects_to_https: false, redirect_protocol: 'HTTP' }],
  [redirect(), { redirects_to_https: false, redirect_protocol: 'HTTP' }],
  [{ ...redirect('#{protocol}'), Protocol: 'HTTPS' as const }, { redirects_to_https: true }],
  [{ Protocol: 'TCP' as const }, { final_action_type: '', authenticates_users: false }],
  [
    {
      DefaultActions: [
        { Type: 'forward' as const, Order: 2, TargetGroupArn: 'arn:a' },
        { Type: 'jwt-validation' as const, Order: 1 },
      ],
    },
    { action_types: 'jwt-validation, forward', final_action_type: 'forward', authenticates_users: true },
  ],
])('what a listener does %#', (listener, expected) => {
  const { DefaultActions, Protocol }: Stored<Listener> = listener
  expect(toActions(DefaultActions, Protocol ?? '')).toMatchObject(expected)
})

const forward = { Type: 'forward' as const, TargetGroupArn: 'arn:a' }
it.each([
  [
    {
      Priority: '10',
      IsDefault: false,
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*', '/v2/*'] } },
        { Field: 'host-header', HostHeaderConfig: { RegexValues: ['^a'] }, Values: [] },
        { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24'] } },
      ],
      Actions: [forward],
    },
    {
      priority: 10,
      is_default: false,
      condition_fields: 'path-pattern, host-header, source-ip',
      hosts: '^a',
      paths: '/api/*, /v2/*',
      source_ips: '192.0.2.0/24',
      final_action_type: 'forward',
      redirects_to_https: false,
    },
  ],
  [
    { Priority: '1', Conditions: [{ Field: 'path-pattern', Values: ['/old'] }], Actions: [forward] },
    { paths: '/old', hosts: '', is_default: false },
  ],
  [
    { Priority: 'default', IsDefault: true, ...{ Actions: redirect('HTTPS').DefaultActions } },
    { priority: 1_000_000, is_default: true, condition_fields: '', redirects_to_https: true },
  ],
])('a rule %#', (rule, expected) => {
  expect(toRule(rule, 'HTTP')).toMatchObject(expected)
})

it('names target groups once, weighted or not', () => {
  const TargetGroupArn = 'arn:a'
  expect(targetsOf({ Type: 'forward', TargetGroupArn })).toEqual([{ target_group_arn: 'arn:a', weight: 1 }])
  expect(
    targetsOf({
      Type: 'forward',
      TargetGroupArn,
      ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 7 }] },
    }),
  ).toEqual([{ target_group_arn: 'arn:a', weight: 7 }])
  expect(targetsOf({ Type: 'redirect' })).toEqual([])
})

it('finds load balancers, listeners and target groups in what events name', () => {
  const arn = 'arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:111122223333'
  const lb = `${arn}:loadbalancer/app/web/50dc6c495c0c9188`
  expect(loadBalancerOf(lb)).toBe(lb)
  const listener = `${arn}:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2`
  expect(loadBalancerOf(listener)).toBeUndefined()
  expect(listenerOf(listener)).toBe(listener)
  expect(listenerOf(`${arn}:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`)).toBe(
    listener,
  )
  expect(listenerOf(lb)).toBeUndefined()
  expect(loadBalancerOf(`${arn}:targetgroup/a/73e2d6bc24d8a067`)).toBeUndefined()
  expect(loadBalancerOf('web')).toBeUndefined()
  expect(targetGroupOf(`${arn}:targetgroup/a/73e2d6bc24d8a067`)).toBe(`${arn}:targetgroup/a/73e2d6bc24d8a067`)
  expect(targetGroupOf(lb)).toBeUndefined()
})
