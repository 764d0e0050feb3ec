/** Names that several accounts of the estate share. */
export const accounts = {
  production: '111122223333',
  development: '222233334444',
  security: '333344445555',
  /** Bought last year: its role for auditors is still missing. */
  acquired: '444455556666',
  /** Closed. */
  popup: '555566667777',
  /** A supplier of prices, outside the organization. */
  supplier: '888899990000',
} as const

export const regions = ['eu-west-1', 'eu-central-1', 'us-east-1'] as const

export const buckets = {
  trailArchive: 'larkspur-trail-archive',
  flowLogs: 'larkspur-flow-logs',
  accessLogs: 'larkspur-access-logs',
  vault: 'larkspur-payments-vault',
} as const

/** What a person would be sorry to find in a recording. The tests look for it. */
export const canaries = {
  databasePassword: 'CANARY-9f2c-larkspur-staging-pw',
  accessKey: 'AKIACANARY123EXAMPLE',
  secretKey: 'CANARYwJalrXUtnFEMIK7MDENGbPxRfiCYLARKSP',
} as const

export const canonicalIds: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(accounts).map((id) => [id, id.repeat(6).slice(0, 64)]),
)

/** The emulator has no certificates but those of IAM: the recording calls this one by an ARN as ACM gives them. */
export const certificateName = 'shop.larkspur.example'
export const certificateArn = {
  from: `arn:aws:iam::${accounts.production}:server-certificate/${certificateName}`,
  to: `arn:aws:acm:eu-west-1:${accounts.production}:certificate/6f1d2c3b-1111-4222-8333-9a0b1c2d3e4f`,
} as const

/** What a recording cannot hold, because it passes by itself: one region is asked too often for flow logs. */
export const faults = `${accounts.development}/ec2:DescribeFlowLogs@us-east-1=throttled\n`
