import { type Command, type CommandContext, defineCommand } from '../define-command.ts'

export type LintContext = CommandContext

export const rulesLint: Command = defineCommand({
  name: 'rules lint',
  title: 'Check the files of rules and facts: form, names, types, conditions',
  about: `Without arguments: the rules and facts that come with Stance, and the rules in the folders of \`rules.directories\`. Every problem is told with its file, line and remedy. Ends with 1 if there is one.`,
  arguments: [
    { name: 'paths', title: 'files of rules or facts, or folders of them', optional: true, many: true },
  ],
  json: true,
  examples: [
    ['stance rules lint', 'All rules'],
    ['stance rules lint rules/aws/s3/my-rule.yaml', 'One that you write'],
  ],
  exits: {
    0: 'no problem',
    1: 'at least one problem',
  },
  async run(context) {
    const { lintCommand } = await import('../print-lint.ts')
    return lintCommand(context)
  },
})
