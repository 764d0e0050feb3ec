import { gunzipSync } from 'node:zlib'

/** Raised whenever a kind is added or found otherwise, so that a changed answer is known to be ours. */
export const detectorVersion = 2

/** More than the clouds let one write into user data or an environment. */
const mostText = 1_000_000

/** Forms that the issuers publish, and those that people write: a name with a value, a URL or a command with a password. */
const kinds: readonly (readonly [kind: string, form: RegExp])[] = [
  ['aws_access_key', /(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])/],
  [
    'aws_secret_key',
    /aws_?secret[a-z_]{0,20}["']?\s{0,4}[=:]\s{0,4}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i,
  ],
  ['private_key', /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/],
  ['github_token', /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82})/],
  ['gitlab_token', /(?<![A-Za-z0-9_])glpat-[A-Za-z0-9_-]{20}/],
  ['slack_token', /(?<![A-Za-z0-9_])xox[abeoprs]-[A-Za-z0-9-]{10}/],
  ['stripe_key', /(?<![A-Za-z0-9_])[rs]k_live_[A-Za-z0-9]{16}/],
  ['google_api_key', /(?<![A-Za-z0-9_])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/],
  ['azure_storage_key', /AccountKey=[A-Za-z0-9+/]{86}==/],
  ['ai_api_key', /(?<![A-Za-z0-9_-])sk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{20}/],
  ['npm_token', /(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}/],
  [
    'json_web_token',
    /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10}/,
  ],
  ['url_with_password', /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"']{0,100}:[^\s:@/"'${]{1,200}@[^\s@]/i],
  [
    'named_secret',
    /(?:passw(?:or)?d|passwd|pwd|secret|token|api_?key|private_?key|credential)[a-z0-9_]{0,30}["']?\s{0,4}[=:]\s{0,4}["']?(?!\s|["']|\$|\{\{|arn:|true|false|null)[^\s"']{4}/i,
  ],
  ['command_with_password', commandWithPassword()],
]

/** A password that is written there: no variable, no file, no further option. */
function commandWithPassword(): RegExp {
  const value = String.raw`["']?(?![-$"'<*/\\\s]|\{\{|%|file:|env:|arn:|ssm:)[^\s"'|;&$]{4}`
  const forms = [
    String.raw`(?<![\w-])--?(?:password|passwd|pass|pwd)[= \t]{1,4}${value}`,
    String.raw`\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n|;&]{0,200}[ \t]-p${value}`,
    String.raw`\b(?:sshpass|mongosh?|(?:docker|podman|registry|az)[ \t]login)\b[^\n|;&]{0,200}[ \t]-p[ \t]{0,2}${value}`,
    String.raw`\bcurl\b[^\n|;&]{0,300}[ \t](?:-u|--user)[ \t=]{0,3}["']?[^\s:"'$]{1,100}:${value}`,
    String.raw`:${value}[^\n|]{0,100}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?chpasswd\b`,
    String.raw`\bchpasswd[ \t]{0,4}<<[^\n]{0,60}\n[^\s:]{1,40}:${value}`,
    String.raw`\bnet(?:\.exe)?[ \t]{1,4}user[ \t]{1,4}[^\s]{1,60}[ \t]{1,4}${value}`,
  ]
  return new RegExp(forms.join('|'), 'i')
}

const secretName = /passw(?:or)?d|passwd|pwd$|secret|token|api_?key|private_?key|access_?key|credential/i
const reference = /^(?:arn:|\{\{|\$\{|\$\(|ssm:|https?:\/\/[^:@]*$|\/)/

/**
 * Which kinds of secret a text holds, in the order of the list above. `name` is the name it stands under.
 * Base64 and gzip, in which clouds wrap user data and cloud-init the files in it, are opened first.
 */
export function detectSecrets(text: string, name = ''): string[] {
  const opened = unwrap(text.slice(0, mostText))
  const found = kinds.filter(([, form]) => form.test(opened)).map(([kind]) => kind)
  const isNamed = secretName.test(name) && opened.length >= 4 && !reference.test(opened)
  return isNamed && !found.includes('named_secret') ? [...found, 'named_secret'] : found
}

function unwrap(text: string): string {
  const tight = text.replace(/\s/g, '')
  const isWrapped = tight.length >= 16 && tight.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(tight)
  const whole = isWrapped ? `${text}\n${fromBase64(tight)}` : text
  const within = whole.matchAll(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}={0,2}/g)
  return [whole, ...Array.from(within, ([one]) => fromBase64(one))].join('\n').slice(0, 4 * mostText)
}

function fromBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? unzip(bytes) : bytes).toString('latin1')
}

function unzip(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostText })
  } catch {
    return Buffer.alloc(0)
  }
}
