import { defineSource } from '../../../lake/define-table.ts'
import { parseCredentialReport } from './parse-credential-report.ts'

/** One CSV for all users of the account, the root user included, at most four hours old. */
export const credentialReport = defineSource({
  name: 'aws_iam_credential_report',
  title: 'IAM credential report',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  prepare: {
    operation: 'GenerateCredentialReport',
    permission: 'iam:GenerateCredentialReport',
    reads_only_because: 'it writes a report about the account and changes nothing in it',
    until: { path: 'State', equals: 'COMPLETE' },
    wait_ms: 1000,
  },
  read: { operation: 'GetCredentialReport', permission: 'iam:GetCredentialReport' },
  shape: parseCredentialReport,
  read_at: 'GeneratedTime',
  lag_ms: 4 * 3600_000,
  whole: 'last page',
})
