import { type Command, defineCommand } from '../define-command.ts'
import { switched } from '../options.ts'

const options = { overwrite: switched('replace the file if it is there') }

export const backup: Command = defineCommand({
  name: 'backup',
  title: 'A consistent copy of the embedded database',
  about: `The copy is complete or not there at all. While a scan runs it holds what that scan has committed so far, and the scan goes on: BI tools can read such a copy at any time. It can be opened by naming it in \`database.path\`. To restore it, move the database away, and the file of the same name with \`.wal\` behind it if there is one (what a killed scan had not put into the database yet, which would be added to the copy); then put the copy in its place. PostgreSQL is backed up by its own tools; the error says how.`,
  arguments: [{ name: 'file', title: 'where to write it' }],
  options,
  json: true,
  examples: [
    ['stance backup backups/stance-2025-11-02.duckdb', 'Writes it'],
    ['stance backup backups/latest.duckdb --overwrite', 'Writes it, in the place of the one before'],
  ],
  async run({ args, options: { overwrite }, out, json, config, cwd }) {
    const { backupStore } = await import('../../run/maintain-store.ts')
    const { resolve } = await import('node:path')
    const path = await backupStore(config().database, resolve(cwd, args[0] ?? ''), overwrite)
    if (json) out.json({ path })
    else out.line(`Written: ${path}`)
    return 0
  },
})
