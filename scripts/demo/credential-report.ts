import { atWork, type Chronicle, type Credentials, moment } from './chronicle.ts'
import { accounts } from './estate.ts'
import { lastUse } from './last-use.ts'

const names = [
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active',
  'access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service',
  'access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service',
  'cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated',
].join(',')

/** The whole report: the emulator's knows neither ages nor uses. */
export function toCredentialReport(account: string, chronicle: Chronicle): string {
  const lines = [names, rootLine(account), ...(chronicle.credentials.get(account) ?? []).map(toLine)]
  const content = Buffer.from(`${lines.join('\n')}\n`).toString('base64')
  const generated = new Date(moment.getTime() - 25 * 60_000).toISOString()
  return [
    '<GetCredentialReportResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetCredentialReportResult>',
    `<Content>${content}</Content><GeneratedTime>${generated}</GeneratedTime><ReportFormat>text/csv</ReportFormat>`,
    '</GetCredentialReportResult><ResponseMetadata><RequestId>recorded</RequestId></ResponseMetadata></GetCredentialReportResponse>',
  ].join('')
}

function rootLine(account: string): string {
  const isBad = account === accounts.development
  const born = time('2024-11-04', account)
  const key = isBad
    ? ['true', time('2025-02-03', account), time('2025-02-03', `${account} use`), 'us-east-1', 'iam']
    : noKey
  return [
    '<root_account>',
    `arn:aws:iam::${account}:root`,
    born,
    'not_supported',
    time(isBad ? '2026-10-20' : '2025-01-13', account),
    'not_supported',
    'not_supported',
    String(!isBad),
    ...key,
    ...noKey,
    ...noCertificates,
  ].join(',')
}

const noKey = ['false', 'N/A', 'N/A', 'N/A', 'N/A']
const noCertificates = ['false', 'N/A', 'false', 'N/A']

function toLine({ user, arn, born, password, mfa, keys }: Credentials): string {
  const keyFields = [0, 1].flatMap((nr) => {
    const key = keys[nr]
    if (key === undefined) return noKey
    const used =
      key.used === undefined
        ? ['N/A', 'N/A', 'N/A']
        : [lastUse(key.used, `${arn} ${nr}`), 'eu-west-1', key.service]
    return [String(key.active), time(key.created, `${arn} ${nr}`), ...used]
  })
  const passwordFields =
    password === undefined
      ? ['false', 'N/A', 'N/A', 'N/A']
      : [
          'true',
          password.used === undefined ? 'no_information' : lastUse(password.used, arn),
          time(password.changed, arn),
          'N/A',
        ]
  return [user, arn, time(born, arn), ...passwordFields, String(mfa), ...keyFields, ...noCertificates].join(
    ',',
  )
}

function time(day: string, seed: string): string {
  return atWork(day, seed).toISOString().replace('.000Z', '+00:00')
}
