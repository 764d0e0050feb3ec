/**
 * Events name load balancers, target groups, listeners and rules by ARN; a listener's or rule's names its load
 * balancer too: `…:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2`.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-references.html
 */
export function loadBalancerOf(arn: string): string | undefined {
  const known =
    /^(arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:)(loadbalancer|listener)\/((?:app|net|gwy)\/[^/]+\/[^/]+)/.exec(
      arn,
    )
  return known === null ? undefined : `${known[1]}loadbalancer/${known[3]}`
}

export function targetGroupOf(arn: string): string | undefined {
  return /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup\//.test(arn) ? arn : undefined
}
