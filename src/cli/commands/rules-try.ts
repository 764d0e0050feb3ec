import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { count, list, moment, text } from '../options.ts'

const options = {
  table: text('<name>', 'the table whose rows a condition judges'),
  at: moment('judge the lake as it was at that time: a time, or how long ago (7d)'),
  account: list('<id>', 'only resources of this account'),
  limit: count('<n>', 'show at most so many resources', 20),
}

export type TryContext = CommandContext<typeof options>

export const rulesTry: Command = defineCommand({
  name: 'rules try',
  title: 'Judge your resources by a rule file or condition, without keeping anything',
  about: `TRUE passes, FALSE fails, and NULL, where something was not read, is unknown.`,
  arguments: [{ name: 'rule', title: 'a rule file, the id of a rule, or a condition with --table' }],
  options,
  json: true,
  examples: [
    ['stance rules try rules/aws/s3/my-rule.yaml', 'A rule that you write'],
    ['stance rules try "block_public_acls" --table aws_s3_bucket', 'A condition'],
    ['stance rules try aws-s3-bucket-blocks-public-access --at 30d', 'As it was thirty days ago'],
  ],
  async run(context) {
    const { tryCommand } = await import('../print-try.ts')
    return tryCommand(context)
  },
})
