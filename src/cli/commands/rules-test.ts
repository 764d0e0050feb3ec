import { type Command, type CommandContext, defineCommand } from '../define-command.ts'

export type RulesTestContext = CommandContext

export const rulesTest: Command = defineCommand({
  name: 'rules test',
  title: 'Run the proofs of rules',
  about: `Four things are proven of each rule: every written proof gives its verdict; every part of the condition is needed by some proof; hiding what could be unread never turns a pass into a fail or back; and with everything read nothing is unknown. Ends with 1 if a proof fails.

A fact is proven as a rule is, TRUE and FALSE for pass and fail. Without arguments: all rules and all facts.`,
  arguments: [
    {
      name: 'what',
      title: 'ids of rules, names of facts, their files, or folders of them',
      optional: true,
      many: true,
    },
  ],
  json: true,
  examples: [
    ['stance rules test', 'All rules and facts'],
    ['stance rules test aws-s3-bucket-blocks-public-access', 'One'],
    ['stance rules test rules/aws/s3/my-rule.yaml', 'One that you write'],
    ['stance rules test aws_instance.is_public', 'A fact'],
  ],
  exits: {
    0: 'all proofs hold',
    1: 'a proof failed, or a rule file has a problem',
  },
  async run(context) {
    const { testCommand } = await import('../print-rules-test.ts')
    return testCommand(context)
  },
})
