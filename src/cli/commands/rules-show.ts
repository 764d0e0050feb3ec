import { type Command, type CommandContext, defineCommand } from '../define-command.ts'

export type RuleContext = CommandContext

export const rulesShow: Command = defineCommand({
  name: 'rules show',
  title: 'One rule: its condition, reason, fix and settings',
  arguments: [{ name: 'rule', title: 'the id of a rule, or a rule file' }],
  json: true,
  examples: [
    ['stance rules show aws-s3-bucket-blocks-public-access', 'All about it'],
    ['stance rules show rules/aws/s3/my-rule.yaml', 'A file of your own, used by scans or not yet'],
  ],
  async run(context) {
    const { showRule } = await import('../print-rule.ts')
    return showRule(context)
  },
})
