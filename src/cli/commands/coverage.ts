import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { list, switched } from '../options.ts'

const options = {
  account: list('<id>', 'only of this account'),
  region: list('<region>', 'only of this region, with the resources in it, or `global`'),
  table: list('<name>', 'only of this table'),
  all: switched('each cell and each group by itself, instead of by reason'),
}

export type CoverageContext = CommandContext<typeof options>

export const coverage: Command = defineCommand({
  name: 'coverage',
  title: 'What could not be read, why, and what would change that',
  about: `What was not read is unknown, and never taken for empty or for fine. Here it is folded by reason: a denied permission, an error, a setting that leaves something out; with the number of verdicts that hang on it, and the next step.`,
  options,
  json: true,
  examples: [
    ['stance coverage', 'By reason; the one that costs most verdicts first'],
    ['stance coverage --all --account 111122223333', 'Each cell and group of one account'],
    ['stance permissions aws', 'The policy that would leave nothing denied'],
  ],
  async run(context) {
    const { showCoverage } = await import('../print-coverage.ts')
    return showCoverage(context)
  },
})
