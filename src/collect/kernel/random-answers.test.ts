import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Json } from '../../core/json.ts'
import { isRead, type State } from '../../core/state.ts'
import { goodZoo, type KeptCell, no, ok, pen, penCell, type Script, zoo } from './collect.fixture.ts'
import { collectCell } from './collect-cell.ts'
import { readOne } from './read-one.ts'
import type { FailedAnswer, TransportAnswer } from './transport.ts'

const pens = [pen('a'), pen('b'), pen('c', { Note: 'canary-note' })]
const good = goodZoo(pens)

const network: FailedAnswer = { ok: false, kind: 'network', code: 'ENOTFOUND', message: 'no such host' }
const timeout: FailedAnswer = { ok: false, kind: 'timeout', code: 'TIMEOUT', message: 'late' }

/** What may come instead of an answer, and the state that a group has then; lists know some of them otherwise. */
const failures: [FailedAnswer, State][] = [
  [no('Forbidden'), 'denied'],
  [no('Forbidden', 'refused by the board', { status: 403 }), 'denied'],
  [no('TooFast'), 'error'],
  [no('Sick', '', { status: 503 }), 'error'],
  [no('Stale'), 'error'],
  [no('BadKey'), 'denied'],
  [no('ClosedSite'), 'denied'],
  [no('OtherSite', 'x', { metadata: { region: 'so/../uth' } }), 'error'],
  [no('', '', { status: 403 }), 'error'],
  [no('Whatever', 'x'.repeat(20_000)), 'error'],
  [network, 'error'],
  [timeout, 'error'],
]
const failure = fc.constantFrom(...failures)

/** Anything at all, hostile things too, under names that the declarations look at. */
const names = [
  'Pens',
  'Pen',
  'Id',
  'Name',
  'Next',
  'Total',
  'Doors',
  'Count',
  'Lines',
  'More',
  'State',
  'Feedings',
  'Hour',
  'keepers',
  'name',
  '__proto__',
  'constructor',
  'Tags',
  'Key',
  'Note',
  'Recipe',
  'Secret',
  'Visit',
]
const anything = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(
      null,
      true,
      false,
      0,
      -1,
      1e300,
      '',
      'a',
      'DONE',
      '\0',
      '\ud800',
      '{Id}',
      '../..',
      "'; drop table x; --",
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
  ),
})).value
const odd = fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 6 }).map((body) => ok(body))

async function read(script: Script, table: string): Promise<KeptCell> {
  const at = zoo(script, { retry: { attempts: 2, first_ms: 0, longest_ms: 0, budget: 9999 } })
  at.budgets = { cell_ms: 5_000, cell_calls: 300 }
  const summary = await collectCell(penCell({ table }), at)
  await at.shared.close()
  expect(summary.outcome).toBe('written')
  const cell = at.kept.at(-1)!
  expect(cell.isAbandoned).toBe(false)
  expectSound(cell)
  return cell
}

/** Whatever was answered: no state without its reason, no content without a good read. */
function expectSound(cell: KeptCell): void {
  const { state, failure: why } = cell.end!
  if (!isRead(state)) expect(why?.next).toMatch(/\w/)
  for (const resource of cell.resources) {
    expect(resource.resource_key).toMatch(/^zoo:/)
    expect(typeof resource.native_id === 'string' && resource.native_id !== '').toBe(true)
    for (const group of Object.values(resource.groups)) {
      expect(group.state === 'ok').toBe(group.content !== undefined)
      if (!isRead(group.state)) expect(group.failure?.next).toMatch(/\w/)
      expect(group.read_at.getTime()).not.toBeNaN()
    }
  }
}

it('whatever a group is answered, its state is as declared, and the others are as before', async () => {
  const operations = fc.constantFrom<[string, string]>(
    ['GetFood', 'food'],
    ['ListDoors', 'locks'],
    ['GetKeys', 'locks'],
    ['MakeReport', 'vet'],
    ['GetReport', 'vet'],
  )
  await fc.assert(
    fc.asyncProperty(operations, failure, async ([operation, group], [answer, state]) => {
      const cell = await read({ ...good, [operation]: () => answer }, 'zoo_pen')
      expect(cell.end?.state).toBe('ok')
      expect(cell.resources).toHaveLength(3)
      for (const resource of cell.resources) {
        for (const [name, { state: found }] of Object.entries(resource.groups))
          expect(found).toBe(name === group ? state : 'ok')
      }
    }),
    { numRuns: 80 },
  )
})

it('whatever a list is answered, it is whole only if every page was good', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('page' as const),
      ids: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }),
    }),
    failure.map(([answer]) => ({ kind: 'failure' as const, answer })),
    fc.constant({ kind: 'lacking' as const }),
    fc.constant({ kind: 'repeated' as const }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), fc.boolean(), async (steps, counted) => {
      const total = steps.reduce((sum, one) => sum + (one.kind === 'page' ? one.ids.length : 0), 0)
      const list: Script[string] = ({ input }): TransportAnswer => {
        const at = input.From === undefined ? 0 : Number(input.From)
        const one = steps[at]!
        const more = at < steps.length - 1 ? { Next: String(at + 1) } : {}
        const count = { Total: counted ? total : total + 1 }
        if (one.kind === 'page') return ok({ Pens: one.ids.map((id) => pen(id)), ...count, ...more })
        if (one.kind === 'failure') return one.answer
        return one.kind === 'lacking' ? ok({ ...count, ...more }) : ok({ Pens: [], Next: '0', ...count })
      }
      const cell = await read({ ...good, ListPens: list }, 'zoo_pen')
      const isWhole = counted && steps.every(({ kind }) => kind === 'page')
      expect(cell.end?.state === 'ok').toBe(isWhole)
      if (cell.end?.state === 'absent') expect(cell.resources).toEqual([])
    }),
    { numRuns: 150 },
  )
})

it.each(['zoo_pen', 'zoo_keeper', 'zoo_feeding'])(
  'whatever is answered, reading %s never throws and lets no secret out',
  async (table) => {
    const operations = [
      'ListPens',
      'GetFood',
      'ListDoors',
      'GetKeys',
      'MakeReport',
      'GetReport',
      'ListStaff',
      'GetStaffRights',
      'ListFeedings',
      'GetPen',
      'GetVetVisit',
    ]
    const answer = fc.oneof(
      failure.map(([one]): TransportAnswer => one),
      odd,
      fc.constant('good' as const),
    )
    const answers = fc.dictionary(fc.constantFrom(...operations), answer, { maxKeys: 6 })
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const script: Script = { ...good }
        for (const [operation, one] of Object.entries(given))
          if (one !== 'good') script[operation] = () => structuredClone(one)
        // An endless preparation is another test's matter.
        if (given.MakeReport !== undefined && given.MakeReport !== 'good' && given.MakeReport.ok)
          delete script.MakeReport
        const cell = await read(script, table)
        expect(JSON.stringify(cell.resources)).not.toContain('canary-note')
        const at = zoo(script, { retry: { attempts: 1, first_ms: 0, longest_ms: 0, budget: 0 } })
        const one = await readOne(at.registry.table('zoo_pen'), 'c', penCell(), at)
        expect(['found', 'gone', 'unread']).toContain(one.end)
        // Only the provider's own word makes a resource not exist.
        if (one.end === 'gone')
          expect(Object.values(given)).toContainEqual(expect.objectContaining({ code: 'NoSuchPen' }))
      }),
      { numRuns: 120 },
    )
  },
)
