import { type Command, defineCommand } from '../define-command.ts'
import { hasChanged, nothingNew, sayChanges } from '../say-changes.ts'
import { counted } from '../screen/show-value.ts'

export const migrate: Command = defineCommand({
  name: 'migrate',
  title: 'Bring the database up to date after an upgrade',
  about: `A scan does so, too. This asks no cloud and needs no credentials: for who has the database only. A database file that changes its shape is copied first, beside itself.`,
  json: true,
  examples: [['stance migrate', 'Then the reading commands work again']],
  async run({ out, json, config, logger }) {
    const { migrateStore } = await import('../../run/migrate-store.ts')
    const { location, opened, changes } = await migrateStore(config(), logger())
    const { migrations, tables, has_new_rules } = opened
    const added = [
      ...(migrations === 0 ? [] : [counted(migrations, 'migration')]),
      ...(tables.length === 0 ? [] : [`what was missing of ${counted(tables.length, 'table')}`]),
      ...(has_new_rules ? ['verdicts of rules that are new or changed'] : []),
    ]
    if (json) {
      out.json({ location, ...opened, changes })
      return 0
    }
    if (added.length === 0) out.line(`${location} is up to date.`)
    else out.flow(`${location} is up to date now; it was given ${added.join(', ')}.`)
    if (hasChanged(changes)) {
      const { by_severity } = changes
      out.flow(`By what was judged: ${sayChanges(changes, { nothing: nothingNew, by_severity })}.`)
      out.hint('What fails', 'stance findings')
    }
    return 0
  },
})
