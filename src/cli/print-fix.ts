import type { FindingShown } from '../run/show-finding.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'

/** Words in capitals that AWS takes as they stand. */
const literal = new Set(['ALL', 'HTTPS', 'HTTP_301', 'SECURITY', 'TLS', 'VPC'])

/** The words of commands that a person puts their own values for: `GROUP`, `KEY_ARN`. */
export function placeholdersOf(commands: string): string[] {
  const lines = commands.split('\n').filter((line) => !line.startsWith('#'))
  const words = lines.join('\n').match(/(?<![\w-])[A-Z][A-Z0-9_]{2,}(?![\w-]|::)/g) ?? []
  return [...new Set(words)].filter((word) => !literal.has(word))
}

/**
 * Commands and code stay as they were written, so that they can be copied. Of a finding its account and region are
 * known; a name (`BUCKET`) may be that of another resource than the judged one.
 */
export function printFix(
  out: Screen,
  fix: NonNullable<FindingShown['fix']>,
  { account_id = '', region = '' }: { account_id?: string; region?: string } = {},
): void {
  const { palette } = out
  const inRegion = /^[a-z]+(-[a-z0-9]+)+$/.test(region)
  let commands = fix.cli
  if (inRegion) commands = commands.replace(/(?<=--region )REGION\b/g, region)
  if (/^\d{12}$/.test(account_id))
    commands = commands.replace(/(?<=--account-id |--target-principal |arn:aws:iam::)ACCOUNT\b/g, account_id)
  const own = placeholdersOf(commands)
  const said = [
    ...(inRegion ? [`in ${region}`] : []),
    ...(own.length === 0 ? [] : [`with your values for ${own.join(', ')}`]),
  ]
  const cli = said.length === 0 ? 'CLI' : `CLI, ${said.join(', ')}`
  out.line(ink`  ${palette.dim('Console')}`)
  for (const line of fix.console.trimEnd().split('\n')) out.prose(line, 4)
  for (const [way, steps] of [
    [cli, commands],
    ['Terraform', fix.terraform],
  ] as const) {
    out.line(ink`  ${palette.dim(way)}`)
    for (const line of steps.trimEnd().split('\n')) out.line(ink`    ${line}`)
  }
}
