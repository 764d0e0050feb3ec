import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { text } from '../options.ts'

const options = {
  recording: { ...text('<folder>', 'replay another recording'), hidden: true as const },
}

export type DemoContext = CommandContext<typeof options>

export const demo: Command = defineCommand({
  name: 'demo',
  title: 'Scan a recorded company: no cloud account needed',
  about: `Replays what a company's accounts once answered, through the real SDK and the real scan, into a database of its own: yours is not touched. Everything is judged at the moment of the recording, by the rules that stance.yaml names, too.

Look at it afterwards with any reading command and --demo.`,
  options,
  json: 'a line of JSON for each step, the last one with the result',
  examples: [
    ['stance demo', 'Scans it; takes some seconds'],
    ['stance demo --json', 'A line of JSON for each step, the last one with the result'],
    ['stance findings --demo', 'What was found'],
    ['stance query --demo "select bucket_name, region from aws_s3_bucket"', 'With SQL'],
  ],
  exits: {
    130: 'ended by Ctrl-C',
  },
  async run(context) {
    const { demoCommand } = await import('../print-demo.ts')
    return demoCommand(context)
  },
})
