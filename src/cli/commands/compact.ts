import { type Command, defineCommand } from '../define-command.ts'

export const compact: Command = defineCommand({
  name: 'compact',
  title: 'Give back the space of what was deleted',
  about: `The embedded database never shrinks by itself: it is copied, and the copy takes its place once it is whole. Nothing else may use it meanwhile.`,
  examples: [['stance compact', 'Says how much was given back']],
  async run({ out, config }) {
    const { compactStore } = await import('../../run/maintain-store.ts')
    const { showBytes } = await import('../screen/show-value.ts')
    const { before, after } = await compactStore(config().database)
    out.line(`${showBytes(before)} before, ${showBytes(after)} now.`)
    return 0
  },
})
