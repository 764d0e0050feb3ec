import { type Command, defineCommand } from '../define-command.ts'

export const init: Command = defineCommand({
  name: 'init',
  title: 'Write a commented stance.yaml',
  about: `Every setting is in it, commented out, with what it means and its default: the file changes nothing until you uncomment something. A file that is there is never overwritten.`,
  withoutDemo: 'The demo needs no settings.',
  arguments: [{ name: 'file', title: 'where to write it (default: stance.yaml)', optional: true }],
  json: true,
  examples: [['stance init', 'Writes stance.yaml in this directory']],
  async run({ args, out, json, cwd }) {
    const { writeSettings } = await import('../write-settings.ts')
    const { printSteps } = await import('../print-steps.ts')
    const path = await writeSettings(cwd, args[0] ?? 'stance.yaml')
    if (json) {
      out.json({ path })
      return 0
    }
    out.line(`Written: ${path}`)
    out.line()
    out.line('Next')
    out.prose('Uncomment what you need: `connections` for several accounts, `rules` to switch some off.', 2)
    printSteps(out, [['stance doctor', 'are credentials, settings and database in order?']])
    return 0
  },
})
