import type { StanceError } from '../core/errors.ts'
import { isRead } from '../core/state.ts'
import type { PlannedService, ScanEvent } from '../run/scan.ts'
import { sayNoneOn } from './say-not-read.ts'
import { toEventLine } from './scan-event-line.ts'
import { Ink, ink, join } from './screen/ink.ts'
import { LiveLines } from './screen/live-lines.ts'
import type { Screen } from './screen/screen.ts'
import { counted, showDuration, showMoment } from './screen/show-value.ts'
import { cutText } from './screen/text-width.ts'

export interface Following {
  report(event: ScanEvent): void
  /** A line that stays, whatever is shown below. */
  say(text: string): void
  end(): void
  /** Connections that could not be used. */
  failed(): readonly { connection: string; error: StanceError }[]
  /** Whether findings changed before anything was read: by rules that are new or others than they were. */
  judgedBefore(): boolean
}

/** A plain one would be shown as what it is. */
const newLine = Ink.raw('\n')

interface ServiceProgress extends PlannedService {
  done: number
  unread: number
  reading: Map<string, number>
}

/** Shows a scan while it runs: lines that change on a terminal, lines that stay elsewhere, JSON if asked. */
export function followScan(showing: {
  out: Screen
  err: Screen
  json: boolean
  location: string
  /** Once it is aborted, nothing is said of preparing any more. */
  signal?: AbortSignal
}): Following {
  const { out, err, json, signal } = showing
  const failed: { connection: string; error: StanceError }[] = []
  let isBefore = true
  let judgedBefore = false
  const hear = (event: ScanEvent) => {
    if (event.kind === 'accounts_found') {
      isBefore = false
      failed.push(...event.failed)
    }
    if (event.kind === 'judged' && isBefore && event.findings_changed > 0) judgedBefore = true
  }
  if (json)
    return {
      report: (event) => {
        hear(event)
        out.jsonLine(toEventLine(event))
      },
      say: () => {},
      end: () => {},
      failed: () => failed,
      judgedBefore: () => judgedBefore,
    }
  const progress = new ScanProgress(err, signal)
  const live = err.isTerminal ? new LiveLines(err) : undefined
  const timer =
    live === undefined
      ? setInterval(() => {
          const said = progress.now()
          if (said !== undefined) err.line(said)
        }, 1_000)
      : setInterval(() => live.show(progress.lines(err.width)), 120)
  timer.unref()
  return {
    report: (event) => {
      hear(event)
      const said = progress.take(event)
      for (const line of said === undefined ? [] : said.text.split('\n').map(Ink.raw)) {
        if (live === undefined) err.flow(line)
        else live.above(line)
      }
    },
    say: (text) => {
      if (live !== undefined) live.above(text)
      else {
        err.line()
        err.flow(text)
      }
    },
    end: () => {
      clearInterval(timer)
      live?.end()
    },
    failed: () => failed,
    judgedBefore: () => judgedBefore,
  }
}

/** What is known of a running scan, by service. */
class ScanProgress {
  readonly #err: Screen
  readonly #services = new Map<string, ServiceProgress>()
  readonly #serviceOf = new Map<string, ServiceProgress>()
  readonly #began = Date.now()
  #cells = 0
  #done = 0
  #calls = 0
  #changed = 0
  #entersNone = false
  #off: readonly string[] = []
  #saidAt = Date.now()
  readonly #signal: AbortSignal | undefined

  constructor(err: Screen, signal: AbortSignal | undefined) {
    this.#err = err
    this.#signal = signal
  }

  /** Takes an event in; returns what is worth a line that stays. */
  take(event: ScanEvent): Ink | undefined {
    const { palette } = this.#err
    switch (event.kind) {
      case 'scan_started':
        return event.resumed_from == null
          ? undefined
          : ink`Going on with the scan of ${showMoment(event.resumed_from)} UTC: what it has read is not read again.`
      case 'accounts_found': {
        const lines = event.failed.map(({ connection, error }) =>
          palette.yellow(
            error.code === 'COLLECT_ORGANIZATION'
              ? `Of the connection "${connection}": ${error.message} ${error.next}`
              : `The connection "${connection}" cannot be used: ${error.message} ${error.next}`,
          ),
        )
        const closed = event.not_entered
        this.#entersNone = event.accounts === 0 && closed.length > 0
        // One that is alone ends the scan with its error.
        this.#off = event.off ?? []
        if (event.accounts + closed.length === 0) return lines.length <= 1 ? undefined : join(lines, newLine)
        if (this.#signal?.aborted) return undefined
        const shown = closed.slice(0, 4).join(', ')
        const more = closed.length > 4 ? ` and ${closed.length - 4} more` : ''
        const shut =
          closed.length === 0
            ? ''
            : `; ${counted(closed.length, 'account')} cannot be entered: ${shown}${more}`
        return join([...lines, ink`Reading ${counted(event.accounts, 'account')}${shut}`], newLine)
      }
      case 'planned': {
        this.#cells = event.cells
        for (const service of event.services) {
          const one = { ...service, done: 0, unread: 0, reading: new Map<string, number>() }
          this.#services.set(service.service, one)
          for (const table of service.tables) this.#serviceOf.set(table, one)
        }
        if (this.#signal?.aborted) return undefined
        const names = event.services.map(({ service }) => service).join(', ')
        const { not_due, out_of_reach } = event
        const more = [
          ...(not_due === 0 ? [] : [`; ${not_due} more not due again: what was read before counts`]),
          ...(out_of_reach === 0
            ? []
            : [
                `; ${out_of_reach} more cannot be tried: of accounts that cannot be entered, or of regions that nobody could name`,
              ]),
        ].join('')
        if (event.cells > 0) return ink`${counted(event.cells, 'cell')} to read of ${names}${more}`
        return this.#entersNone
          ? palette.yellow('Nothing can be read: no account can be entered.')
          : this.#off.length > 0
            ? palette.yellow(`Nothing is read: ${sayNoneOn(this.#off)}.`)
            : ink`Everything that was asked for has been read already.`
      }
      case 'cell_started':
        this.#reading(event.cell, 1)
        return undefined
      case 'cell_ended':
      case 'cell_cancelled': {
        this.#reading(event.cell, -1)
        this.#calls = event.calls
        const service = this.#serviceOf.get(event.cell.table)
        if (event.kind === 'cell_cancelled' || service === undefined) return undefined
        service.done++
        if (!isRead(event.end.state)) service.unread++
        this.#done++
        return service.done === service.cells ? this.#serviceDone(service) : undefined
      }
      case 'cell_busy':
        return palette.yellow(
          `${event.cell.table} of ${event.cell.account_id} (${event.cell.part}) is being read by another scan and was left to it.`,
        )
      case 'judged':
        this.#changed += event.findings_changed
        return undefined
      default:
        return undefined
    }
  }

  lines(width: number): Ink[] {
    const { palette } = this.#err
    if (this.#cells === 0 || (this.#signal?.aborted && this.#done === 0))
      return [palette.dim(this.#preparing())]
    const busy = [...this.#services.values()].filter(({ done, cells }) => done < cells)
    const shown = busy.slice(0, 8).map((service) => {
      const regions = [...service.reading.keys()].join(' ')
      const counts = `${service.done}/${service.cells}`
      const room = Math.max(0, width - 38)
      return ink`  ${service.service.padEnd(24)} ${counts.padStart(8)}  ${palette.dim(cutText(regions, room))}`
    })
    if (busy.length > shown.length)
      shown.push(ink`  ${palette.dim(`and ${busy.length - shown.length} more services`)}`)
    // One column less than there are: a full line makes some terminals begin another.
    const status = this.#status(width - 1)
    const room = Math.min(20, width - 2 - status.length)
    if (room < 5) return [...shown, ink`${status}`]
    const share = Math.floor((room * this.#done) / this.#cells)
    const bar = `${'█'.repeat(share)}${'░'.repeat(room - share)}`
    return [...shown, ink`${palette.cyan(bar)} ${status}`]
  }

  #status(width = Number.POSITIVE_INFINITY): string {
    const cells = `${this.#done.toLocaleString('en-GB')} of ${counted(this.#cells, 'cell')}`
    const calls = counted(this.#calls, 'call')
    const changed = this.#changed === 0 ? [] : [`${counted(this.#changed, 'finding')} new or changed`]
    const spent = showDuration(Date.now() - this.#began)
    // Where there is no room for all of it, what costs least to miss goes first.
    const ways = [
      [cells, calls, ...changed, spent],
      [cells, ...changed, spent],
      [cells, spent],
    ].map((parts) => parts.join(' · '))
    return ways.find((way) => way.length <= width) ?? cutText(cells, width)
  }

  /** Where lines cannot change: how far it is, where nothing else was said for ten seconds. */
  now(): Ink | undefined {
    if (Date.now() - this.#saidAt < 10_000) return undefined
    if (this.#signal?.aborted && this.#done === 0) return undefined
    this.#saidAt = Date.now()
    return ink`  ${this.#cells === 0 ? this.#preparing() : this.#status()}`
  }

  #preparing(): string {
    return `${this.#signal?.aborted ? 'Stopping' : 'Preparing'} … ${showDuration(Date.now() - this.#began)}`
  }

  #serviceDone({ service, cells, unread }: ServiceProgress): Ink | undefined {
    this.#saidAt = Date.now()
    const not = unread === 0 ? '' : `, ${unread} not`
    return this.#err.isTerminal ? undefined : ink`  ${service}: ${counted(cells - unread, 'cell')} read${not}`
  }

  #reading({ table, part }: { table: string; part: string }, step: 1 | -1): void {
    const reading = this.#serviceOf.get(table)?.reading
    if (reading === undefined) return
    const now = (reading.get(part) ?? 0) + step
    if (now > 0) reading.set(part, now)
    else reading.delete(part)
  }
}
