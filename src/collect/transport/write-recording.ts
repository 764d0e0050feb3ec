import { createHash } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { fileOf, type RecordedExchange, type RecordingHead } from './recording.ts'

export interface RecordingWriter {
  add(exchange: RecordedExchange): Promise<void>
  /** Writes the files; the last exchange of each key is the one that counts. */
  close(): Promise<{ files: string[]; exchanges: number }>
}

interface Place {
  sort: string
  at: string
  offset: number
  length: number
}

/**
 * Writes a recording: a file for each account and service, exchanges in the order of their keys, so that two
 * recordings of the same answers differ only in their times. Exchanges wait in a spool file: memory holds their
 * keys alone.
 */
export async function writeRecording(
  directory: string,
  options: { gzip?: boolean } = {},
): Promise<RecordingWriter> {
  await mkdir(directory, { recursive: true })
  const spoolPath = join(directory, `.spool-${process.pid}-${Math.random().toString(36).slice(2)}`)
  const spool = await open(spoolPath, 'wx+', 0o600)
  const files = new Map<string, { head: Omit<RecordingHead, 'recorded_at'>; places: Map<string, Place> }>()
  let end = 0

  const add = async (exchange: RecordedExchange) => {
    const line = Buffer.from(`${JSON.stringify(exchange)}\n`, 'utf8')
    const offset = end
    end += line.length
    const name = fileOf(exchange)
    const file = files.get(name) ?? { head: headOf(exchange), places: new Map<string, Place>() }
    files.set(name, file)
    const sort = [exchange.region, exchange.operation, exchange.key].join('\0')
    const id = createHash('sha256').update(sort).digest('base64')
    const known = file.places.get(id)
    // Calls end in any order: the later answer counts, and of two at once the one that came last.
    if (known === undefined || known.at <= exchange.at) {
      file.places.set(id, { sort, at: exchange.at, offset, length: line.length })
    }
    await spool.write(line, 0, line.length, offset)
  }
  const linesOf = async function* (head: object, places: readonly Place[]) {
    yield `${JSON.stringify(head)}\n`
    for (const { offset, length } of places) {
      const line = Buffer.alloc(length)
      await spool.read(line, 0, length, offset)
      yield line
    }
  }
  const close = async () => {
    const names: string[] = []
    let exchanges = 0
    try {
      for (const [name, { head, places }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const sorted = [...places.values()].sort((a, b) => (a.sort < b.sort ? -1 : 1))
        const recorded_at = sorted.reduce((latest, { at }) => (at > latest ? at : latest), '')
        const written = options.gzip === true ? `${name}.gz` : name
        const path = join(directory, written)
        await mkdir(dirname(path), { recursive: true })
        const target = await open(path, 'w', 0o600)
        const lines = Readable.from(linesOf({ ...head, recorded_at }, sorted))
        const sink = target.createWriteStream()
        await (options.gzip === true ? pipeline(lines, createGzip(), sink) : pipeline(lines, sink))
        names.push(written)
        exchanges += sorted.length
      }
    } finally {
      await spool.close()
      await rm(spoolPath, { force: true })
    }
    return { files: names, exchanges }
  }
  return { add, close }
}

function headOf({ account_id, service }: RecordedExchange): Omit<RecordingHead, 'recorded_at'> {
  return { stance_recording: 1, account_id, service }
}
