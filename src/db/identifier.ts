/** A quoted name: `lake.aws_s3_bucket` → `"lake"."aws_s3_bucket"`. Quoting is the same on every engine. */
export function quoteName(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
}

/** For the few statements (attach, set) that take no parameters. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
