import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { list } from '../options.ts'

const options = { service: list('<name>', 'only of this service') }

export type TablesListContext = CommandContext<typeof options>

export const tablesList: Command = defineCommand({
  name: 'tables list',
  title: 'The tables of the lake, and the views beside them',
  options,
  json: true,
  examples: [
    ['stance tables list', 'All of them; indented ones hold the lists of the table above'],
    ['stance tables list --service iam', 'Those of a service'],
  ],
  async run(context) {
    const { listTables } = await import('../print-tables.ts')
    return listTables(context)
  },
})
