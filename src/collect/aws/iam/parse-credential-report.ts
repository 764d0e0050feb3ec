/** One line of the credential report; every field is text as AWS writes it (`N/A`, `not_supported`, `true`). */
export interface CredentialReportRow {
  user: string
  arn: string
  user_creation_time: string
  password_enabled: string
  password_last_used: string
  password_last_changed: string
  password_next_rotation: string
  mfa_active: string
  access_key_1_active: string
  access_key_1_last_rotated: string
  access_key_1_last_used_date: string
  access_key_2_active: string
  access_key_2_last_rotated: string
  access_key_2_last_used_date: string
  cert_1_active: string
  cert_2_active: string
}

/** `Content` is base64 in a stored answer. The report has no quoted fields: names and ARNs hold no comma. */
export function parseCredentialReport(answer: { Content?: string }): {
  users: CredentialReportRow[]
  /** The line of the root user, who is no IAM user. */
  root: CredentialReportRow[]
} {
  const lines = Buffer.from(answer.Content ?? '', 'base64')
    .toString('utf8')
    .trim()
    .split(/\r?\n/)
  const names = (lines[0] ?? '').split(',')
  // The root user is in every report.
  if (lines.length < 2) throw new TypeError('there is no report in it')
  const users = lines.slice(1).map((line) => {
    const values = line.split(',')
    if (values.length !== names.length) throw new TypeError('a line of the report is cut off')
    return Object.fromEntries(
      names.map((name, at) => [name, values[at] ?? '']),
    ) as unknown as CredentialReportRow
  })
  return { users, root: users.filter(({ arn }) => /^arn:[^:]+:iam::\d{12}:root$/.test(arn)) }
}
