import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { readKnownNames } from '../run/known-names.ts'
import { catalogueWithFacts, lintRules, readRuleFrom, ruleDirectories } from '../run/lint-rules.ts'
import { openReading, openStore, type StoreSettings } from '../run/open-store.ts'
import { type Draft, type Tried, tryRule } from '../run/try-rule.ts'
import type { TryContext } from './commands/rules-try.ts'
import { usage } from './options.ts'
import { refuseBeforeFirst } from './refuse-before-first.ts'
import { refuseUnknownNames } from './refuse-unknown-names.ts'
import { ink } from './screen/ink.ts'
import { paintVerdict } from './screen/palette.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showMoment } from './screen/show-value.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

export async function tryCommand(context: TryContext): Promise<number> {
  const { options, out, json } = context
  const config = context.config()
  const draft = await readDraft(context)
  // A past moment is laid out in tables of its own for a while, so that one is opened for writing.
  const reading = await openOrSay(draft, config.database, context.demo)
  const db = options.at === undefined ? reading : await reopen(reading, () => openStore(config.database))
  try {
    const { at, account, limit } = options
    const known = await readKnownNames(db)
    if (at !== undefined) await refuseBeforeFirst(db, at)
    refuseUnknownNames('--account', account, known.accounts, 'See `stance query "select * from account"`.')
    const tried = await tryRule(db, draft, { settings: config.rules, at, accounts: account, limit })
    if (json) {
      const { rows, ...rest } = tried
      await writeJsonList(out, asChunks(rows), {
        total: tried.counts.fail + tried.counts.unknown + tried.counts.pass,
        ...rest,
      })
    } else print(out, tried, at)
    return 0
  } finally {
    await db.close()
  }
}

/** Before the first scan there is nothing to judge, which says nothing against the rule. */
async function openOrSay(
  draft: Draft,
  store: StoreSettings,
  isDemo: boolean,
): Promise<Awaited<ReturnType<typeof openReading>>> {
  try {
    return await openReading(store)
  } catch (error) {
    if (!(error instanceof StanceError) || error.code !== 'STORE_EMPTY') throw error
    const what = draft.kind === 'rule' ? `The rule ${draft.ready.rule.id} is in order, but ` : ''
    const message = `${what}${what === '' ? 'There' : 'there'} is nothing to judge yet: nothing has been scanned.`
    throw new StanceError(error.code, message, {
      next: isDemo ? 'Run `stance scan`.' : error.next,
      cause: error,
    })
  }
}

async function reopen<T>(first: { close(): Promise<void> }, open: () => Promise<T>): Promise<T> {
  await first.close()
  return open()
}

/** A file, an id, or a condition: in that order. */
async function readDraft({ args, options, cwd, config }: TryContext): Promise<Draft> {
  const given = args[0] ?? ''
  const path = resolve(cwd, given)
  if (existsSync(path))
    return { kind: 'rule', ready: await readRuleFrom(path, cwd, await catalogueWithFacts()) }
  if (options.table !== undefined && /^[a-z0-9]+(-[a-z0-9]+){2,}$/.test(given))
    throw usage(
      '--table goes with a condition, and this looks like the id of a rule, which names its own table.',
      'Leave out --table.',
    )
  if (options.table !== undefined) return { kind: 'condition', text: given, table: options.table }
  if (/\.ya?ml$/.test(given)) throw usage(`There is no file ${path}.`, 'Name a rule file that is there.')
  const { rules, problems } = await lintRules(ruleDirectories(config().rules.directories), cwd)
  const ready = rules.find(({ rule }) => rule.id === given)
  if (ready !== undefined) return { kind: 'rule', ready }
  const broken = problems.find(({ rule_id }) => rule_id === given)
  if (broken !== undefined)
    throw new StanceError(broken.code, broken.message, {
      next: broken.next,
      details: { excerpt: broken.excerpt },
    })
  const near = nearest(
    given,
    rules.map(({ rule }) => rule.id),
  )
  throw usage(
    `"${given}" is no rule file and no rule's id.`,
    near === undefined
      ? 'For a condition name the table that it judges: --table aws_s3_bucket.'
      : `Did you mean ${near}?`,
  )
}

function print(out: Screen, tried: Tried, at: Date | undefined): void {
  const { palette } = out
  const { counts, rows, unread_cells, judged_at, table_name } = tried
  const whole = true as const
  if (rows.length > 0) {
    out.table(
      [
        { title: 'verdict', whole },
        { title: 'resource' },
        { title: 'region', whole },
        { title: 'account', whole },
        { title: 'key' },
      ],
      rows.map((row) => [
        { text: row.verdict, paint: paintVerdict(palette, row.verdict) },
        row.resource_name,
        row.region,
        row.account_id,
        { text: row.resource_key, paint: palette.dim },
      ]),
    )
    out.line()
  }
  const total = counts.fail + counts.unknown + counts.pass
  const parts = (['fail', 'unknown', 'pass'] as const).map((verdict) =>
    paintVerdict(palette, verdict)(`${counts[verdict]} ${verdict}`),
  )
  out.flow(
    ink`${palette.bold(counted(total, `${table_name}`, `${table_name} rows`))}: ${parts[0] ?? ''}, ${parts[1] ?? ''}, ${parts[2] ?? ''}${counts.not_applicable > 0 ? `, and it does not apply to ${counts.not_applicable}` : ''}`,
  )
  if (rows.length < total)
    out.flow(
      `${rows.length === 1 ? 'The first is' : `The first ${rows.length} are`} shown; --limit shows more.`,
    )
  if (total === 0)
    out.flow(
      `No row of ${table_name} that it applies to ${at === undefined ? 'is known' : 'was known then'}.`,
    )
  printUnread(out, rows)
  if (unread_cells > 0)
    out.flow(
      palette.yellow(
        `${counted(unread_cells, 'cell')} of ${table_name} could not be read: there may be more (${out.carry(`stance coverage --table ${table_name}`)}).`,
      ),
    )
  out.flow(palette.dim(`Judged as of ${showMoment(judged_at)} UTC. Nothing of it was kept.`))
}

/** What unknown verdicts hang on, each table and group once. */
function printUnread(out: Screen, rows: Tried['rows']): void {
  const all = rows.flatMap(({ unread = [] }) => unread)
  for (const [what, some] of Map.groupBy(all, ({ table_name, group_name }) => {
    return group_name === '' ? table_name : `${table_name}.${group_name}`
  })) {
    const places = [
      ...new Set(some.map(({ part, resource_key }) => (part === '' ? resource_key : part))),
    ].sort()
    const few = places.slice(0, 4).join(', ')
    const where = places.length > 4 ? `${few} and ${places.length - 4} more` : few
    const table = some[0]?.table_name ?? ''
    out.prose(
      `Unknown, for ${what} was not read: ${where} (${out.carry(`stance coverage --table ${table}`)}).`,
    )
  }
}
