import { type Command, type CommandContext, defineCommand } from '../define-command.ts'

export type TableContext = CommandContext

export const tablesShow: Command = defineCommand({
  name: 'tables show',
  title: 'One table: columns, reads, permissions',
  arguments: [{ name: 'table', title: 'the name of a table' }],
  json: true,
  examples: [['stance tables show aws_s3_bucket', 'What rules and queries can use']],
  async run(context) {
    const { showTable } = await import('../print-tables.ts')
    return showTable(context)
  },
})
