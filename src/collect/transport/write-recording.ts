import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { StanceError } from '../../core/errors.ts'
import { writeAt } from '../../core/write-file.ts'
import { fileOf, isRecordingFile, type RecordedExchange, type RecordingHead } from './recording.ts'

export interface RecordingWriter {
  /** What cannot be written is told by `close`: whoever is listened to goes on. */
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
 * keys alone. Never written over another recording: a replay of both would mix two moments.
 */
export async function writeRecording(
  directory: string,
  options: { gzip?: boolean } = {},
): Promise<RecordingWriter> {
  const firstMade = await mkdir(directory, { recursive: true })
  await refuseAnother(directory)
  const spoolPath = join(directory, `.spool-${process.pid}-${Math.random().toString(36).slice(2)}`)
  const spool = await open(spoolPath, 'wx+', 0o600)
  const files = new Map<string, { head: Omit<RecordingHead, 'recorded_at'>; places: Map<string, Place> }>()
  let end = 0
  let failure: unknown

  const add = async (exchange: RecordedExchange) => {
    if (failure !== undefined) return
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
    await writeAt(spool, line, offset).catch((error: unknown) => {
      failure ??= error
    })
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
    const made: string[] = []
    try {
      if (failure !== undefined) throw failure
      for (const [name, { head, places }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const sorted = [...places.values()].sort((a, b) => (a.sort < b.sort ? -1 : 1))
        const recorded_at = sorted.reduce((latest, { at }) => (at > latest ? at : latest), '')
        const written = options.gzip === true ? `${name}.gz` : name
        const path = join(directory, written)
        await mkdir(dirname(path), { recursive: true })
        const target = await open(path, 'wx', 0o600)
        made.push(path)
        const lines = Readable.from(linesOf({ ...head, recorded_at }, sorted))
        const sink = target.createWriteStream()
        await (options.gzip === true ? pipeline(lines, createGzip(), sink) : pipeline(lines, sink))
        names.push(written)
        exchanges += sorted.length
      }
    } catch (cause) {
      // Half a recording looks like one of a cloud that has less.
      for (const path of made) await rm(path, { force: true })
      throw new StanceError(
        'COLLECT_RECORDING_FAILED',
        `The recording in ${directory} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
        {
          next: 'Free some space, or name another directory in `collect.record_directory`. What the scan read is in the store.',
          cause,
        },
      )
    } finally {
      await spool.close()
      await rm(spoolPath, { force: true })
      // Of a scan that was stopped before anything answered: an empty folder looks like a recording.
      if (firstMade !== undefined && names.length === 0) await rmdir(directory).catch(() => undefined)
    }
    return { files: names, exchanges }
  }
  return { add, close }
}

async function refuseAnother(directory: string): Promise<void> {
  const there = (await readdir(directory, { recursive: true })).find(isRecordingFile)
  if (there === undefined) return
  throw new StanceError('COLLECT_RECORDING_THERE', `${directory} holds a recording already (${there}).`, {
    next: 'Name another directory in `collect.record_directory`, or move that recording away. It has not been touched.',
  })
}

function headOf({ account_id, service }: RecordedExchange): Omit<RecordingHead, 'recorded_at'> {
  return { stance_recording: 1, account_id, service }
}
