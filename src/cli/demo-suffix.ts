/** What stands behind a command that is to read what this one has read. */
export function demoSuffix({ demo }: { demo: boolean }): string {
  return demo ? ' --demo' : ''
}
