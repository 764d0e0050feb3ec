import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { list, text } from '../options.ts'

const options = {
  service: list('<name>', 'only of this service'),
  table: list('<name>', 'only those that judge this table'),
  topic: list('<topic>', 'only of this topic'),
  search: text('<text>', 'only those whose id or title contains this'),
}

export type RulesListContext = CommandContext<typeof options>

export const rulesList: Command = defineCommand({
  name: 'rules list',
  title: 'The rules, with how many resources fail each',
  about: `Severities are those of a private and of a public resource. Numbers stand there once something has been scanned.`,
  options,
  json: true,
  examples: [
    ['stance rules list', 'All of them'],
    ['stance rules list --service s3', 'Those of a service'],
    ['stance rules list --search encrypt', 'By a word'],
  ],
  async run(context) {
    const { listRules } = await import('../print-rules.ts')
    return listRules(context)
  },
})
