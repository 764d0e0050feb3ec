import { type Command, type CommandContext, defineCommand } from '../define-command.ts'

export type FindingContext = CommandContext

export const findingsShow: Command = defineCommand({
  name: 'findings show',
  title: 'One finding: why, since when, and how to fix it',
  about: `Shows the verdict with its evidence, what could not be read where it is unknown, the rule's reason and fix, and what became of the finding over time. Closed findings are shown as closed.`,
  arguments: [{ name: 'id', title: 'the id of a finding, or its beginning' }],
  json: true,
  examples: [
    ['stance findings show kq3vd2', 'The beginning of an id is enough'],
    ['stance findings show kq3vd2 --json', 'For a program'],
  ],
  async run(context) {
    const { printFinding } = await import('../print-finding.ts')
    return printFinding(context)
  },
})
