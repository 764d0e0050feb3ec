/** How people call what the SDK has under another name: one word for both, wherever a service is named. */
const wordOf: Readonly<Record<string, string>> = { s3control: 's3', elasticloadbalancingv2: 'elbv2' }

/** Whether the tables of a service are meant: `s3` means those of s3control, too. */
export function isOfService(service: string, asked: readonly string[]): boolean {
  return asked.includes(service) || asked.includes(wordOf[service] ?? service)
}

/** Every word that the tables of these services may be asked for by. */
export function serviceWords(services: Iterable<string>): string[] {
  return [...new Set([...services].flatMap((service) => [service, wordOf[service] ?? service]))].sort()
}
