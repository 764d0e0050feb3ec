import type { Stream } from './screen.ts'

/** A pipe whose reader left (`| head`), a terminal that was closed; each system has its own word. */
const leaving = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'EIO', 'ERR_STREAM_DESTROYED'])

/**
 * Standard output or error of this process. Once its reader has left, what is written goes nowhere: the work goes on,
 * and the exit code says what it says to everybody.
 */
export class ProcessStream implements Stream {
  readonly #stream: NodeJS.WriteStream
  #left = false
  #failure: Error | undefined

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    // It stays, for the last write may fail when everything else has ended.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#left = true
      if (!leaving.has(error.code ?? '')) this.#failure ??= error
    })
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true
  }

  get columns(): number | undefined {
    return this.#stream.columns
  }

  get isLeft(): boolean {
    return this.#left
  }

  write(text: string): void {
    if (!this.#left) this.#stream.write(text)
  }

  /** Why something was not written that somebody waits for: a full disk. */
  async failure(): Promise<Error | undefined> {
    await new Promise((resolve) => setImmediate(resolve))
    return this.#failure
  }
}
