/**
 * Events name load balancers, target groups, listeners and rules by ARN; a rule's names its listener too:
 * `…:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-references.html
 */
export function loadBalancerOf(arn: string): string | undefined {
  return /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:loadbalancer\/(?:app|net|gwy)\/[^/]+\/[^/]+$/.test(
    arn,
  )
    ? arn
    : undefined
}

export function listenerOf(arn: string): string | undefined {
  const known =
    /^(arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:)listener(?:-rule)?\/((?:app|net|gwy)\/[^/]+\/[^/]+\/[^/]+)/.exec(
      arn,
    )
  return known === null ? undefined : `${known[1]}listener/${known[2]}`
}

export function targetGroupOf(arn: string): string | undefined {
  return /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup\//.test(arn) ? arn : undefined
}
