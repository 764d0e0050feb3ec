import { expect, it } from 'vitest'
import { loadBalancerOf, targetGroupOf } from './events.ts'
import { targetsOf, toListener } from './listener-rows.ts'

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
  [
    { ...redirect('#{protocol}'), Protocol: 'HTTPS' as const },
    { redirects_to_https: true, is_encrypted: true },
  ],
  [{ Protocol: 'TCP' as const }, { is_encrypted: false, final_action_type: '', authenticates_users: false }],
  [
    {
      DefaultActions: [
        { Type: 'forward' as const, Order: 2 },
        { Type: 'jwt-validation' as const, Order: 1 },
      ],
    },
    { action_types: 'jwt-validation, forward', final_action_type: 'forward', authenticates_users: true },
  ],
])('a listener %#', (listener, expected) => {
  expect(toListener(listener)).toMatchObject(expected)
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

it('finds load balancers and target groups in what events name', () => {
  const arn = 'arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:111122223333'
  const lb = `${arn}:loadbalancer/app/web/50dc6c495c0c9188`
  expect(loadBalancerOf(lb)).toBe(lb)
  expect(loadBalancerOf(`${arn}:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2`)).toBe(lb)
  expect(loadBalancerOf(`${arn}:targetgroup/a/73e2d6bc24d8a067`)).toBeUndefined()
  expect(loadBalancerOf('web')).toBeUndefined()
  expect(targetGroupOf(`${arn}:targetgroup/a/73e2d6bc24d8a067`)).toBe(`${arn}:targetgroup/a/73e2d6bc24d8a067`)
  expect(targetGroupOf(lb)).toBeUndefined()
})
