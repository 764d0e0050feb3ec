import { type Command, type CommandContext, defineCommand } from '../define-command.ts'

export type RuleContext = CommandContext

export const rulesShow: Command = defineCommand({
  name: 'rules show',
  title: 'One rule: its condition, reason, fix and settings',
  arguments: [{ name: 'id', title: 'the id of a rule' }],
  json: true,
  examples: [['stance rules show aws-s3-bucket-blocks-public-access', 'All about it']],
  async run(context) {
    const { showRule } = await import('../print-rule.ts')
    return showRule(context)
  },
})
