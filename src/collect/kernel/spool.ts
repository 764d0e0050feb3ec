import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../core/json.ts'
import { writeAt } from '../../core/write-file.ts'

/** How the files are called: what has such a name and lies in a spool directory is ours to remove. */
export const spoolName = /^stance-spool-[0-9a-f-]{36}$/

/** Rows that several cells will ask for: in memory while they are few, in a file of their own beyond. */
export class Spool {
  readonly #directory: string
  readonly #mostInMemory: number
  #memory: Buffer[] = []
  #bytes = 0
  /** Byte offsets of the rows in the file, the end of the last one too. */
  readonly #ends: number[] = []
  #file: { handle: FileHandle; path: string; bytes: number } | undefined

  constructor(directory: string, mostInMemory = 4_000_000) {
    this.#directory = directory
    this.#mostInMemory = mostInMemory
  }

  get length(): number {
    return this.#ends.length
  }

  get isOnDisk(): boolean {
    return this.#file !== undefined
  }

  async add(rows: readonly Json[]): Promise<void> {
    for (const row of rows) {
      const bytes = Buffer.from(JSON.stringify(row))
      this.#memory.push(bytes)
      this.#bytes += bytes.length
      this.#ends.push((this.#ends.at(-1) ?? 0) + bytes.length)
    }
    if (this.#bytes > this.#mostInMemory) await this.#flush()
  }

  async get(nr: number): Promise<Json> {
    const inFile = this.#ends.length - this.#memory.length
    const end = this.#ends[nr]
    if (end === undefined) throw new RangeError(`no row ${nr}`)
    if (nr >= inFile) return JSON.parse((this.#memory[nr - inFile] as Buffer).toString()) as Json
    return JSON.parse((await this.#read(this.#ends[nr - 1] ?? 0, end)).toString()) as Json
  }

  async *chunks(size = 500): AsyncGenerator<Json[]> {
    for (let from = 0; from < this.length; ) {
      const inFile = this.#ends.length - this.#memory.length
      const to = Math.min(from + size, from < inFile ? inFile : this.length)
      const start = this.#ends[from - 1] ?? 0
      const bytes =
        from < inFile
          ? await this.#read(start, this.#ends[to - 1] as number)
          : Buffer.concat(this.#memory.slice(from - inFile, to - inFile))
      const rows: Json[] = []
      for (let nr = from; nr < to; nr++) {
        const text = bytes.toString(
          'utf8',
          (this.#ends[nr - 1] ?? 0) - start,
          (this.#ends[nr] as number) - start,
        )
        rows.push(JSON.parse(text) as Json)
      }
      yield rows
      from = to
    }
  }

  async close(): Promise<void> {
    this.#memory = []
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    await file.handle.close()
    await unlink(file.path)
  }

  async #flush(): Promise<void> {
    if (this.#file === undefined) {
      const path = join(this.#directory, `stance-spool-${randomUUID()}`)
      this.#file = { handle: await open(path, 'wx+', 0o600), path, bytes: 0 }
    }
    const bytes = Buffer.concat(this.#memory)
    await writeAt(this.#file.handle, bytes, this.#file.bytes)
    this.#file.bytes += bytes.length
    this.#memory = []
    this.#bytes = 0
  }

  async #read(from: number, end: number): Promise<Buffer> {
    if (this.#file === undefined) throw new Error('the spool is closed')
    const bytes = Buffer.alloc(end - from)
    await this.#file.handle.read(bytes, 0, bytes.length, from)
    return bytes
  }
}
