import { readFile } from 'node:fs/promises'

/** The version of the package, which lies two folders above both the sources and what is built of them. */
export async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
