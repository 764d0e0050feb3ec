import { type Command, defineCommand } from '../define-command.ts'

export const migrate: Command = defineCommand({
  name: 'migrate',
  title: 'Bring the database up to date after an upgrade',
  about: `A scan does so, too. This asks no cloud and needs no credentials: for who has the database only. A database file that changes its shape is copied first, beside itself.`,
  json: true,
  examples: [['stance migrate', 'Then the reading commands work again']],
  async run({ out, json, config, logger }) {
    const { migrateStore } = await import('../../run/migrate-store.ts')
    const { location } = await migrateStore(config(), logger())
    if (json) out.json({ location })
    else out.line(`${location} is up to date.`)
    return 0
  },
})
