import { type Command, defineCommand } from '../define-command.ts'

export const compact: Command = defineCommand({
  name: 'compact',
  title: 'Give back the space of what was deleted',
  about: `The embedded database never shrinks by itself: it is copied, and the copy takes its place once it is whole. Nothing else may use it meanwhile. PostgreSQL vacuums its own, while others go on.`,
  json: true,
  examples: [['stance compact', 'Says how much was given back']],
  async run({ out, json, config }) {
    const { compactStore } = await import('../../run/maintain-store.ts')
    const { showBytes } = await import('../screen/show-value.ts')
    const { before, after } = await compactStore(config().database)
    if (json) out.json({ bytes_before: before, bytes_after: after })
    else out.line(`${showBytes(before)} before, ${showBytes(after)} now.`)
    return 0
  },
})
