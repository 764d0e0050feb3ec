import { accounts } from './estate.ts'
import { account, awsPolicy, type RolePlan } from './make-identity.ts'

/** The role that Stance itself reads each account by. */
export function trustAuditors(born: string): RolePlan {
  return {
    name: 'stance',
    born,
    about: 'Read by Stance from the security account',
    trust: account(`arn:aws:iam::${accounts.security}:role/stance-scanner`, {
      StringEquals: { 'sts:ExternalId': 'larkspur-stance' },
    }),
    attached: [awsPolicy('SecurityAudit')],
    used: '2026-11-16',
  }
}
