import { type Command, type CommandContext, defineCommand } from '../define-command.ts'

export type TableContext = CommandContext

export const tablesShow: Command = defineCommand({
  name: 'tables show',
  title: 'One table or view: columns, reads, permissions',
  arguments: [{ name: 'table', title: 'the name of a table or view' }],
  json: true,
  examples: [
    ['stance tables show aws_s3_bucket', 'What rules and queries can use'],
    ['stance tables show finding', "A view of Stance's own"],
  ],
  async run(context) {
    const { showTable } = await import('../print-tables.ts')
    return showTable(context)
  },
})
