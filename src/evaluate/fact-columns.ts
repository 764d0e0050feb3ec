import { readdir } from 'node:fs/promises'
import { sep } from 'node:path'

/** The columns that the facts of a directory derive, by their paths alone: `<provider>/<table>/<column>.yaml`. */
export async function factColumns(directory: string): Promise<{ table: string; column: string }[]> {
  const paths = await readdir(directory, { recursive: true })
  return paths
    .filter((path) => /\.ya?ml$/.test(path))
    .map((path) => path.replace(/\.ya?ml$/, '').split(sep))
    .flatMap(([, table, column]) => (table === undefined || column === undefined ? [] : [{ table, column }]))
}
