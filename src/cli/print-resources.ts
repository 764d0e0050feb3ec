import { readKnownNames } from '../run/known-names.ts'
import { countResources, type ResourceItem, streamResources } from '../run/list-resources.ts'
import { type OldTags, oldTags } from '../run/old-tags.ts'
import type { ResourcesContext } from './commands/resources.ts'
import { pageSize } from './page-size.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import { repeatFilters } from './repeat-filters.ts'
import { printNotRead } from './say-not-read.ts'
import { ink } from './screen/ink.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showMoment } from './screen/show-value.ts'
import { withReading } from './with-store.ts'
import { writeJsonList } from './write-json-list.ts'

export function listResources(context: ResourcesContext): Promise<number> {
  return withReading(context, async (db) => {
    const { options, out, json } = context
    const { table, account, region, name, tag } = options
    const known = await readKnownNames(db)
    refuseUnknownNames('--table', table, known.tables, 'See `stance tables list`.')
    refuseUnknownNames('--account', account, known.accounts, 'See `stance query "select * from account"`.')
    refuseUnknownNames('--region', region, known.regions, 'Nothing is known of the region that you named.')
    const filter = {
      ...(table === undefined ? {} : { tables: table }),
      ...(account === undefined ? {} : { accounts: account }),
      ...(region === undefined ? {} : { regions: region }),
      ...(name === undefined ? {} : { text: name }),
      ...(tag === undefined ? {} : { tags: tag }),
    }
    const limit = pageSize(options)
    const total = await countResources(db, filter)
    const items = streamResources(db, filter, limit)
    if (json) {
      await writeJsonList(out, items, { total })
      return 0
    }
    if (total === 0) {
      out.line('No resource is like that.')
      await printNotRead(out, db, account)
      if (tag !== undefined && !context.demo) sayOldTags(out, await oldTags(db, filter))
      // Some resources of a region are listed once for all regions.
      const reach = { table, account, region: region && [...new Set([...region, 'global'])] }
      out.hint(
        'Leave out a filter, or see whether something could not be read',
        `stance coverage${repeatFilters(reach, ['table', 'account', 'region'])}`,
        out.palette.plain,
      )
      return 0
    }
    await printTables(out, items)
    out.line()
    const shown = Math.min(total, limit ?? total)
    out.line(out.palette.bold(counted(total, 'resource')))
    if (shown < total)
      out.flow(
        `${shown === 1 ? 'The first is' : `The first ${shown} are`} shown: --all shows every one, --limit <n> as many as you say.`,
      )
    out.hint('More of one', 'stance resources show <key, id or name>')
    return 0
  })
}

/** A tag that was given since is not known yet. */
function sayOldTags(out: Screen, old: OldTags | undefined): void {
  if (old === undefined) return
  const names = old.tables.join(',')
  out.prose(
    `Tags of ${old.tables.join(', ')} were last read at ${showMoment(old.read_at)} UTC: what no rule reads is read once a day (\`collect.inventory\`).`,
  )
  out.hint('Read them now', `STANCE_COLLECT_INVENTORY=full stance scan --table ${names}`, out.palette.plain)
}

async function printTables(out: Screen, chunks: AsyncIterable<ResourceItem[]>): Promise<void> {
  let group: ResourceItem[] = []
  let first = true
  const flush = () => {
    if (group.length === 0) return
    if (!first) out.line()
    first = false
    printTable(out, group)
    group = []
  }
  for await (const chunk of chunks) {
    if (out.isLeft) return
    for (const item of chunk) {
      if (group[0] !== undefined && group[0].table_name !== item.table_name) flush()
      group.push(item)
    }
  }
  flush()
}

function printTable(out: Screen, group: readonly ResourceItem[]): void {
  const { palette } = out
  const whole = true as const
  out.line(ink`${palette.bold(group[0]?.table_name ?? '')}`)
  const named = group.some(({ name, native_id }) => name !== native_id)
  // To be copied; an ARN is broken all the same.
  const shortIds = group.every(({ native_id }) => native_id.length <= 32)
  out.table(
    [
      { title: 'name' },
      ...(named ? [shortIds ? { title: 'id', whole } : { title: 'id' }] : []),
      { title: 'region', whole },
      { title: 'account', whole },
      { title: 'fail', align: 'right' as const, whole },
      { title: 'unknown', align: 'right' as const, whole },
      { title: '', whole },
    ],
    group.map((one) => [
      one.name,
      ...(named ? [one.native_id] : []),
      one.region,
      one.account_id,
      { text: one.fail === 0 ? '' : one.fail, paint: palette.red },
      { text: one.unknown === 0 ? '' : one.unknown, paint: palette.yellow },
      {
        text: one.in_force ? '' : one.ok_at === null ? 'never read' : 'no longer read',
        paint: palette.yellow,
      },
    ]),
    2,
  )
}
