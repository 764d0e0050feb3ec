import { openWrappings } from './open-wrappings.ts'

/** Raised whenever a kind is added or found otherwise, so that a changed answer is known to be ours. */
export const detectorVersion = 3

/** Where a value would stand: a variable, a command, a template's place, or nothing at all. */
const noValue =
  String.raw`\s|["'$` + '`' + String.raw`]|\{\{|<%|<[^<>\s]{1,60}>|%[a-z_]{1,40}%|arn:|true|false|null`

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
  ['named_secret', namedSecret()],
  ['command_with_password', commandWithPassword()],
  [
    'authorization_header',
    /authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:basic|bearer)\s{1,4}(?=[^\s"']{0,200}[0-9=])[A-Za-z0-9._~+/-]{8}/i,
  ],
  [
    'webhook_url',
    /hooks\.slack\.com\/(?:services|workflows)\/T[A-Z0-9]{6,16}\/[A-Z0-9]{6,16}\/(?!X{24})[A-Za-z0-9]{12}|discord(?:app)?\.com\/api\/webhooks\/\d{10,24}\/[A-Za-z0-9_-]{40}/,
  ],
]

/** A name with a value that is written there. `pass` is so common a word that it must end the name, and its value be none of a proxy's. */
function namedSecret(): RegExp {
  const between = String.raw`["']?\s{0,4}[=:]\s{0,4}["']?`
  const passValue = String.raw`(?!${noValue}|[=*/]|none|unix:|https?:\/\/[^\s@]{0,200}(?![^\s@]))[^\s"';&|,)]{4}`
  const passName = `(?:(?<![a-z])|(?<=(?<![a-z])(?:admin|db|ftp|key|ldap|login|mail|my|mysql|pg|redis|root|smtp|sql|ssh|store|sudo|user)))pass`
  const forms = [
    String.raw`(?:passw(?:or)?d|passphrase|passwd|pwd|secret|token|api_?key|private_?key|credential)[a-z0-9_]{0,30}${between}(?!${noValue})[^\s"']{4}`,
    `${passName}["']?=["']?${passValue}`,
    String.raw`(?:^|[\n{,]|\\n)[ \t-]{0,60}(?:["'](?:[a-z0-9]{1,20}[_-]){0,4}${passName}["']|(?:[a-z0-9]{1,20}[_-]){0,4}${passName})[ \t]{0,4}:[ \t]{1,4}["']?${passValue}[^\s,}]{0,200}[ \t]{0,4}(?:[\n\r,}#]|\\n|$)`,
  ]
  return new RegExp(forms.join('|'), 'i')
}

/** A password that is written there: no variable, no file, no further option. */
function commandWithPassword(): RegExp {
  const value =
    String.raw`["']?(?![-$"'<>*/\\\s]|` + '`' + String.raw`|\{\{|%|file:|env:|arn:|ssm:)[^\s"'|;&$]{4}`
  // As a key is: a name of something has no digit.
  const keyValue = String.raw`(?=["']?[^\s"'=]{0,100}\d)${value}[^\s"'|;&$]{4}`
  const forms = [
    String.raw`(?<![\w-])--?(?:password|passwd|pass|pwd)[= \t]{1,4}${value}`,
    String.raw`(?<![\w-])--(?!(?:ask|no|prompt|reset|generate|random|change|without|disabled?|get|show|print|use|allow|expire|manage|skip)-)(?:[a-z0-9]{1,20}-){0,4}(?:password|passwd|passphrase|pass|pwd)[= \t]{1,4}${value}`,
    String.raw`(?<![\w-])-(?:store|key)pass[ \t]{1,4}${value}`,
    String.raw`(?<![\w-])--(?!(?:next|page|starting|client|continuation|request|no)-)(?:[a-z0-9]{1,20}-){0,4}(?:token|api-?key|access-key|secret-key)[= \t]{1,4}${keyValue}`,
    String.raw`(?<![\w-])--(?:[a-z0-9]{1,20}-){1,4}secret[= \t]{1,4}${keyValue}`,
    String.raw`(?<![\w-])-pass(?:in|out)?[ \t]{1,4}["']?pass:${value}`,
    String.raw`\b(?:echo|printf)[ \t]{1,4}(?:-n[ \t]{1,4}|["']%s(?:\\n)?["'][ \t]{1,4}){0,1}${value}[^\n|;&]{0,200}\|[^\n|;&]{0,100}[ \t]--(?:password-stdin|with-token|stdin)\b`,
    String.raw`--(?:password-stdin|stdin)\b[^\n|]{0,100}<<<[ \t]{0,4}${value}`,
    String.raw`\bhtpasswd[ \t]{1,4}(?:-[a-z0-9]{1,8}[ \t]{1,4}){0,3}-[a-mo-z0-9]{0,4}b[a-mo-z0-9]{0,4}(?:[ \t]{1,4}-[a-z0-9]{1,8}){0,3}[ \t]{1,4}[^\s-][^\s]{0,200}[ \t]{1,4}[^\s]{1,100}[ \t]{1,4}${value}`,
    String.raw`\bhtpasswd[ \t]{1,4}(?:-[a-z0-9]{1,8}[ \t]{1,4}){0,3}-(?=[a-z0-9]{0,8}n)(?=[a-z0-9]{0,8}b)[a-z0-9]{2,8}[ \t]{1,4}[^\s-][^\s]{0,100}[ \t]{1,4}${value}`,
    String.raw`(?<!#[ \t]{0,4})\b(?:requirepass|masterauth)[ \t]{1,4}(?!["']?(?:foobared|\.\*|\[))${value}`,
    String.raw`\b(?:identified[ \t](?:with[ \t][a-z0-9_"']{1,40}[ \t])?by|(?:with|encrypted)[ \t]password)[ \t]{1,4}(?=["'])${value}`,
    String.raw`\bredis-cli\b[^\n|;&]{0,200}[ \t]-a[ \t]{1,4}${value}`,
    String.raw`\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n|;&]{0,200}[ \t]-p${value}`,
    String.raw`\b(?:sshpass|mongosh?|(?:docker|podman|registry|az)[ \t]login)\b[^\n|;&]{0,200}[ \t]-p[ \t]{0,2}${value}`,
    String.raw`\bcurl\b[^\n|;&]{0,300}[ \t](?:-u|--user)[ \t=]{0,3}["']?[^\s:"'$]{1,100}:${value}`,
    String.raw`:${value}[^\n|]{0,100}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?chpasswd\b`,
    String.raw`\bchpasswd[ \t]{0,4}<<[^\n]{0,60}\n[^\s:]{1,40}:${value}`,
    String.raw`\bnet(?:\.exe)?[ \t]{1,4}user[ \t]{1,4}[^\s]{1,60}[ \t]{1,4}${value}`,
  ]
  return new RegExp(forms.join('|'), 'i')
}

const secretName =
  /passw(?:or)?d|passphrase|(?:^|[^a-z])pass$|passwd|pwd$|secret|token|api_?key|private_?key|access_?key|credential/i
const reference = /^(?:arn:|\{\{|\$\{|\$\(|ssm:|https?:\/\/[^:@]*$|\/)/

/**
 * Which kinds of secret a text holds, in the order of the list above. `name` is the name it stands under.
 * Base64 and gzip, in which clouds wrap user data and cloud-init the files in it, are opened first.
 */
export function detectSecrets(text: string, name = ''): string[] {
  const opened = openWrappings(text)
  const found = kinds.filter(([, form]) => form.test(opened)).map(([kind]) => kind)
  const isNamed = secretName.test(name) && opened.length >= 4 && !reference.test(opened)
  return isNamed && !found.includes('named_secret') ? [...found, 'named_secret'] : found
}
