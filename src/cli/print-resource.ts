import { sayFailure, stateWords } from '../core/failure-words.ts'
import { readKnownNames } from '../run/known-names.ts'
import { type ResourceShown, showResource } from '../run/show-resource.ts'
import type { ResourceContext } from './commands/resources-show.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import { escapeJson } from './screen/escape-text.ts'
import { Ink, ink } from './screen/ink.ts'
import { paintSeverity, paintVerdict } from './screen/palette.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showMoment } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'
import { shellWord } from './shell-word.ts'
import { showSeverity } from './show-severity.ts'
import { withReading } from './with-store.ts'

export function printResource(context: ResourceContext): Promise<number> {
  return withReading(context, async (db) => {
    const { out, json, args, options } = context
    const { account, table, region, history } = options
    const known = await readKnownNames(db)
    refuseUnknownNames('--table', table, known.tables, 'See `stance tables list`.')
    refuseUnknownNames('--account', account, known.accounts, 'See `stance query "select * from account"`.')
    refuseUnknownNames('--region', region, known.regions, 'Nothing is known of the region that you named.')
    const resource = await showResource(db, args[0] ?? '', {
      ...(account === undefined ? {} : { accounts: account }),
      ...(table === undefined ? {} : { tables: table }),
      ...(region === undefined ? {} : { regions: region }),
    })
    if (json) out.json(resource)
    else print(out, resource, history)
    return 0
  })
}

function print(out: Screen, resource: ResourceShown, everything: boolean): void {
  const { palette } = out
  out.heading(resource.name)
  if (resource.deleted_at !== null)
    out.flow(
      palette.yellow(
        `Deleted: it was gone on ${showMoment(resource.deleted_at)} UTC. This is what was known of it.`,
      ),
    )
  else if (!resource.in_force) out.flow(palette.yellow(sayUnread(resource)))
  out.line()
  const foreign = resource.owner_account_id !== resource.account_id
  out.pairs([
    ['key', resource.resource_key],
    ['table', resource.table_name],
    ['id', resource.native_id],
    ['account', resource.account_id],
    ...(foreign ? [['owned by', resource.owner_account_id] as [string, Cell]] : []),
    ['region', resource.region],
    ['first seen', `${showMoment(resource.first_seen)} UTC`],
    ['tags', tagsOf(resource)],
  ])
  printFindings(out, resource)
  if (resource.ok_at !== null) printGroups(out, resource)
  out.line()
  out.heading('Document')
  for (const line of escapeJson(JSON.stringify(resource.document, undefined, 2)).split('\n'))
    out.line(Ink.raw(`  ${line}`))
  printHistory(out, resource, everything)
}

function sayUnread({ ok_at }: ResourceShown): string {
  return ok_at === null
    ? 'It was never read: only its id and name are known, from elsewhere.'
    : 'It can no longer be read: what stands here is from the last good read.'
}

function tagsOf({ tags, ok_at, deleted_at }: ResourceShown): string {
  if (tags === null || (ok_at === null && deleted_at === null)) return 'not read'
  const all = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
  return all.length === 0 ? 'none' : all.join(', ')
}

function printFindings(out: Screen, { findings, deleted_at, resource_key }: ResourceShown): void {
  const { palette } = out
  const whole = true as const
  out.line()
  out.heading('Rules on it')
  if (findings.length === 0 && deleted_at !== null) {
    out.line('  None any more: its findings closed with it.')
    out.hint('They are kept', `stance findings --closed --resource ${shellWord(resource_key)}`)
    return
  }
  if (findings.length === 0) {
    out.line('  No rule judges it.')
    return
  }
  out.table(
    [
      { title: 'verdict', whole },
      { title: 'severity', whole },
      { title: 'rule' },
      { title: 'since (UTC)', whole },
      { title: 'finding', whole },
    ],
    findings.map((one) => [
      { text: one.verdict, paint: paintVerdict(palette, one.verdict) },
      {
        text: showSeverity(one),
        paint: one.verdict === 'fail' ? paintSeverity(palette, one.severity) : palette.plain,
      },
      one.rule_id,
      showMoment(one.since),
      { text: one.finding_id, paint: palette.cyan },
    ]),
    2,
  )
  if (findings.some(({ verdict }) => verdict === 'unknown'))
    out.hint('Why one is unknown', 'stance findings show <finding>', palette.yellow)
}

function printGroups(out: Screen, { groups }: ResourceShown): void {
  if (groups.length === 0) return
  const { palette } = out
  const whole = true as const
  out.line()
  out.heading('What was read')
  out.table(
    [{ title: 'group', whole }, { title: 'state', whole }, { title: 'read (UTC)', whole }, { title: '' }],
    groups.map(({ group_name, state, in_force, read_at, ok_at, code, action, denied_by, next }) => {
      const read = state === 'ok' || state === 'absent' || state === 'unsupported'
      const paint = read ? palette.green : palette.yellow
      const why = [
        action === '' ? sayFailure(code) : action,
        denied_by === '' || next.toLowerCase().includes(denied_by) ? '' : `denied by: ${denied_by}`,
        next,
      ]
      const kept = !read && in_force ? [`what was read ${showMoment(ok_at)} still counts`] : []
      const words =
        stateWords[state] ??
        { absent: 'not configured', unsupported: 'does not apply' }[state as string] ??
        state
      return [
        group_name,
        { text: words, paint },
        read ? showMoment(read_at) : showMoment(ok_at),
        read ? '' : [...why.filter((part) => part !== ''), ...kept].join('; '),
      ]
    }),
    2,
  )
}

const fewVersions = 5
const fewChanges = 8

function printHistory(out: Screen, { history }: ResourceShown, everything: boolean): void {
  const { palette } = out
  out.line()
  out.heading('History')
  const shown = everything ? history : history.slice(0, fewVersions)
  for (const { valid_from, valid_to, changes, closed_as } of shown) {
    const until =
      valid_to === null
        ? 'now'
        : `${showMoment(valid_to)} UTC${closed_as === 'changed' ? '' : ` (${closed_as})`}`
    const what = changes.length === 0 ? 'first seen like this' : counted(changes.length, 'change')
    out.flow(ink`${showMoment(valid_from)} UTC – ${until}  ${palette.dim(what)}`, 2)
    for (const { path, before, after } of everything ? changes : changes.slice(0, fewChanges)) {
      out.line(ink`    ${path}`)
      if (before !== undefined) out.line(ink`    ${palette.red(`- ${json(before)}`)}`)
      if (after !== undefined) out.line(ink`    ${palette.green(`+ ${json(after)}`)}`)
    }
    if (!everything && changes.length > fewChanges)
      out.line(`    … ${changes.length - fewChanges} more (--history)`)
  }
  if (shown.length < history.length)
    out.line(`  … ${history.length - shown.length} older versions (--history)`)
}

function json(value: unknown): string {
  return JSON.stringify(value)
}
