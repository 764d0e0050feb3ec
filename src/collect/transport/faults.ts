import { StanceError } from '../../core/errors.ts'

/** What a fault is injected into. `account_id` and `region` as the request has them. */
export interface FaultTarget {
  account_id: string
  region: string
  service: string
  operation: string
}

interface Where {
  /** As written. */
  spec: string
  account: RegExp
  service: RegExp
  operation: RegExp
  region: RegExp
}

export type Fault = Where &
  (
    | { kind: 'denied' }
    | { kind: 'error'; status: number; code: string }
    /** `first`: only that many attempts of each request. */
    | { kind: 'throttled'; first: number }
    | { kind: 'slow'; ms: number }
    /** Never answered: the deadline ends it. */
    | { kind: 'silent' }
    /** The answer itself, its last page, or what stands at a path in it. */
    | { kind: 'omitted'; what?: 'last page' | PathStep[] }
  )

/** A name, and for lists which items: `Regions[RegionName=eu-west-1]`. */
export interface PathStep {
  name: string
  only?: { field: string; value: string }
}

/**
 * Faults in words, separated by commas or blanks:
 *
 *     [account/]service[:operation][@region]=fault[(more)]
 *
 *     ec2:DescribeSubnets@eu-west-1=denied        iam:*=error(500:InternalError)
 *     111122223333/s3:Get*=throttled(2)           kms=slow(500ms)       cloudtrail=silent
 *     *@eu-west-1=omitted                         ec2:DescribeInstances=omitted(last page)
 *     ec2:DescribeRegions=omitted(Regions[RegionName=eu-west-1])
 *
 * `*` stands for any characters. The first fault that fits counts.
 */
export function parseFaults(text: string): Fault[] {
  const specs = text.match(/(?:[^\s,(]|\([^)]*\))+/g) ?? []
  return specs.map(parseFault)
}

const shape =
  /^(?:([\w*-]+)\/)?([a-z0-9*]+)(?::([A-Za-z0-9*]+))?(?:@([a-z0-9*-]+))?=([a-z]+)(?:\(([^)]+)\))?$/

function parseFault(spec: string): Fault {
  const found = shape.exec(spec)
  if (found === null) throw wrong(spec, 'it is not of the form [account/]service[:operation][@region]=fault')
  const [, account, service, operation, region, kind, more] = found
  const where: Where = {
    spec,
    account: glob(account),
    service: glob(service),
    operation: glob(operation),
    region: glob(region),
  }
  switch (kind) {
    case 'denied':
    case 'silent':
      if (more !== undefined) throw wrong(spec, `${kind} takes nothing in brackets`)
      return { ...where, kind }
    case 'error':
      return { ...where, kind, ...errorOf(more, spec) }
    case 'throttled':
      return { ...where, kind, first: more === undefined ? Number.POSITIVE_INFINITY : countOf(more, spec) }
    case 'slow':
      return { ...where, kind, ms: millisecondsOf(more, spec) }
    case 'omitted':
      return more === undefined ? { ...where, kind } : { ...where, kind, what: partOf(more, spec) }
    default:
      throw wrong(spec, `there is no fault "${kind}"`)
  }
}

/** The fault that meets a request in this attempt (counted from 1). */
export function faultFor(faults: readonly Fault[], target: FaultTarget, attempt: number): Fault | undefined {
  return faults.find(
    (fault) =>
      fault.account.test(target.account_id) &&
      fault.service.test(target.service) &&
      fault.operation.test(target.operation) &&
      fault.region.test(target.region) &&
      (fault.kind !== 'throttled' || attempt <= fault.first),
  )
}

function glob(text: string | undefined): RegExp {
  const parts = (text ?? '*').split('*').map((part) => part.replaceAll(/[^\w]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

function errorOf(more: string | undefined, spec: string): { status: number; code: string } {
  if (more === undefined) return { status: 500, code: 'InternalError' }
  const found = /^(?:(\d{3}):)?([A-Za-z][\w.]*)$/.exec(more)
  if (found === null) throw wrong(spec, 'error takes a code, or status:code')
  return { status: Number(found[1] ?? 400), code: found[2]! }
}

function countOf(more: string, spec: string): number {
  if (!/^\d{1,6}$/.test(more)) throw wrong(spec, 'throttled takes how many attempts of each request it meets')
  return Number(more)
}

function millisecondsOf(more: string | undefined, spec: string): number {
  const found = /^(\d{1,7})(ms|s)$/.exec(more ?? '')
  if (found === null) throw wrong(spec, 'slow takes a time: slow(500ms), slow(3s)')
  return Number(found[1]) * (found[2] === 's' ? 1000 : 1)
}

function partOf(more: string, spec: string): 'last page' | PathStep[] {
  if (more === 'last page') return more
  // Dots within brackets belong to the value.
  const steps = more.match(/(?:[^.[]|\[[^\]]*\])+/g) ?? []
  if (steps.join('.') !== more) throw wrong(spec, 'its path cannot be read')
  return steps.map((step) => {
    const found = /^(\w+)(?:\[(\w+)=([^\]]+)\])?$/.exec(step)
    if (found === null)
      throw wrong(spec, 'omitted takes `last page` or a path: Regions[RegionName=eu-west-1]')
    const [, name, field, value] = found
    return field === undefined ? { name: name! } : { name: name!, only: { field, value: value! } }
  })
}

function wrong(spec: string, why: string): StanceError {
  return new StanceError('COLLECT_FAULT_SPEC', `"${spec}" is no fault: ${why}.`, {
    next: 'Write it like ec2:DescribeSubnets@eu-west-1=denied.',
  })
}
