import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { choice, count } from '../options.ts'

const options = {
  format: choice(
    '<format>',
    ['table', 'json', 'csv'],
    'table, json or csv (default: table on a terminal, else csv)',
  ),
  limit: count('<n>', 'give at most so many rows', 1000),
  timeout: count('<seconds>', 'end it after so many seconds', 30, 86_400),
}

export type QueryContext = CommandContext<typeof options>

export const query: Command = defineCommand({
  name: 'query',
  title: 'Ask the lake with SQL',
  about: `One SELECT over the tables and views that \`stance tables list\` names; \`stance tables show finding\` lists columns. It is checked, and printed anew before it runs: it cannot write, read files or reach anything else.

NULL in a column of a table means that it was not read, and nothing else. In JSON, \`total\` counts the rows that are given, and \`truncated\` says \`rows\` or \`bytes\` where there are more, null where there are not.`,
  arguments: [{ name: 'sql', title: 'the SELECT, or - to read it from standard input' }],
  options,
  json: true,
  examples: [
    [
      `stance query "select bucket_name, region from aws_s3_bucket where not block_public_acls"`,
      'Rows of a table',
    ],
    [
      'stance query "select table_name, count(*) as n from resource group by table_name" --format csv',
      'For a spreadsheet',
    ],
    ['stance query - < question.sql', 'From a file'],
  ],
  async run(context) {
    const { runQueryCommand } = await import('../print-query.ts')
    return runQueryCommand(context)
  },
})
