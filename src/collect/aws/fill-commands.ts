/** Words in capitals that AWS takes as they stand. */
const literal = new Set(['ALL', 'AWS', 'HTTPS', 'HTTP_301', 'SECURITY', 'TLS', 'VPC'])

/** The words of commands that a person puts their own values for: `GROUP`, `KEY_ARN`. */
export function placeholdersOf(commands: string): string[] {
  const lines = commands.split('\n').filter((line) => !line.startsWith('#'))
  const words = lines.join('\n').match(/(?<![\w-])[A-Z][A-Z0-9_]{2,}(?![\w-]|::)/g) ?? []
  return [...new Set(words)].filter((word) => !literal.has(word))
}

/** What a finding knows; '' where it does not. */
export interface KnownOfFinding {
  account_id: string
  region: string
  /** Its resource: what a fix's commands call it, and its id. */
  word: string
  native_id: string
}

/** Letters that no shell minds. */
function isFilled({ word, native_id }: Pick<KnownOfFinding, 'word' | 'native_id'>): boolean {
  return word !== '' && /^[\w+=,.@:/-]+$/.test(native_id)
}

/** Of services that have one place for all regions. */
const everywhere = new Set(['iam', 'organizations', 'route53', 'cloudfront'])

/** Commands for the AWS CLI with what a finding knows: the resource, the account, and the region where none is said. */
export function fillCommands(
  commands: string,
  { account_id, region, word, native_id }: KnownOfFinding,
): string {
  let filled = commands
  if (isFilled({ word, native_id })) {
    const inFileName = new RegExp(`(?<=[\\w-]\\.)${word}(?=\\.\\w)`, 'g')
    // IAM takes a name that begins with a dash; standing by itself it would be an option.
    const ofOption = native_id.startsWith('-') ? '=' : ' '
    filled = filled
      .replace(new RegExp(`(?<=--[a-z-]+) (?=${word}(?![\\w-]))`, 'g'), ofOption)
      .replace(inFileName, () => native_id.replaceAll(/[:/]/g, '_'))
      .replace(new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'g'), () => native_id)
  }
  if (/^\d{12}$/.test(account_id))
    filled = filled.replace(
      /(?<=--account-id |--target-principal |arn:aws:iam::|"aws:SourceAccount": ")ACCOUNT\b/g,
      account_id,
    )
  if (!isRegion(region)) return filled
  if (filled.includes('--region')) return filled.replace(/(?<=--region )REGION\b/g, region)
  return filled
    .split('\n')
    .map((line) =>
      line.startsWith('#')
        ? line
        : line.replace(/\baws ([a-z0-9-]+) [a-z][a-z0-9-]*(?=\s|$)/g, (call, service) =>
            everywhere.has(service) ? call : `${call} --region ${region}`,
          ),
    )
    .join('\n')
}

/** What is left for a person to fill in, whatever letters the resource's own name is made of. */
export function wordsLeft(commands: string, known: KnownOfFinding): string[] {
  return placeholdersOf(fillCommands(commands, { ...known, native_id: isFilled(known) ? 'x' : '' }))
}

function isRegion(region: string): boolean {
  return /^[a-z]+(-[a-z0-9]+)+$/.test(region)
}
