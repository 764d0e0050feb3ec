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

/** Whose line it is, where that is all that can be read of it: what a report must say is missing for them alone. */
type OddRow = Pick<CredentialReportRow, 'user' | 'arn'>

const userArn = /^arn:[^:,]+:iam::\d{12}:user\//
const rootArn = /^arn:[^:,]+:iam::\d{12}:root$/

/**
 * `Content` is base64 in a stored answer. Names and paths of users may hold commas, and anybody who may make a user
 * chooses them: a line that makes no sense concerns its user only. One of nobody's is left out.
 */
export function parseCredentialReport(answer: { Content?: string }): {
  users: (CredentialReportRow | OddRow)[]
  /** The line of the root user, who is no IAM user. */
  root: (CredentialReportRow | OddRow)[]
} {
  const lines = Buffer.from(answer.Content ?? '', 'base64')
    .toString('utf8')
    .trim()
    .split(/\r?\n/)
  const names = fieldsOf(lines[0] ?? '')
  // The root user is in every report.
  if (lines.length < 2 || names[0] !== 'user' || names[1] !== 'arn')
    throw new TypeError('there is no report in it')
  const users = lines.slice(1).flatMap((line) => {
    const values = valuesOf(line, names.length)
    if (values === undefined) return oddRow(line) ?? []
    return Object.fromEntries(
      names.map((name, at) => [name, values[at] ?? '']),
    ) as unknown as CredentialReportRow
  })
  if (users.length === 0) throw new TypeError('no line of the report is a user’s')
  return { users, root: users.filter(({ arn }) => rootArn.test(arn)) }
}

/** As many as there are columns: as RFC 4180 has it, or counted from the right where an ARN holds commas. */
function valuesOf(line: string, count: number): string[] | undefined {
  const fields = fieldsOf(line)
  if (fields.length === count && isArn(fields[1] ?? '')) return fields
  const { user, rest } = splitAtArn(line)
  const parts = rest.split(',')
  const end = Math.max(0, parts.length - (count - 2))
  const arn = parts.slice(0, end).join(',')
  return isArnOf(arn, user) ? [user, arn, ...parts.slice(end)] : undefined
}

/** A name holds no colon, so the first ARN is the line's own, whatever a path looks like. */
function splitAtArn(line: string): { user: string; rest: string } {
  const at = line.indexOf(',arn:')
  return at < 0 ? { user: '', rest: '' } : { user: line.slice(0, at), rest: line.slice(at + 1) }
}

function oddRow(line: string): OddRow | undefined {
  const { user, rest } = splitAtArn(line)
  // No other column holds a slash.
  const end = `${rest},`.lastIndexOf(`/${user},`)
  const arn = end < 0 ? (rest.split(',')[0] ?? '') : rest.slice(0, end + user.length + 1)
  return isArnOf(arn, user) ? { user, arn } : undefined
}

function isArn(arn: string): boolean {
  return userArn.test(arn) || rootArn.test(arn)
}

function isArnOf(arn: string, user: string): boolean {
  return rootArn.test(arn) || (userArn.test(arn) && arn.endsWith(`/${user}`))
}

/** A field in quotes may hold commas, and quotes that are doubled. */
function fieldsOf(line: string): string[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g)
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
