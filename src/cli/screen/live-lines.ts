import type { Ink, Text } from './ink.ts'
import type { Screen } from './screen.ts'

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'

/** Lines at the bottom of a terminal that change; what is to stay is printed above them. */
export class LiveLines {
  readonly #screen: Screen
  #shown = 0
  #ended = false

  constructor(screen: Screen) {
    this.#screen = screen
    screen.stream.write(hideCursor)
    process.once('exit', this.#restore)
  }

  show(lines: readonly Ink[]): void {
    if (this.#ended) return
    // Never more than the terminal has: lines that scrolled away cannot be taken back.
    const kept = lines.slice(-12)
    this.#screen.stream.write(`${this.#clear()}${kept.map(({ text }) => `${text}\n`).join('')}`)
    this.#shown = kept.length
  }

  above(text: Text): void {
    this.#screen.stream.write(this.#clear())
    this.#screen.flow(text)
    this.#shown = 0
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#screen.stream.write(this.#clear())
    this.#restore()
    process.off('exit', this.#restore)
  }

  #clear(): string {
    // What a terminal writes of a key (`^C`) goes too.
    return this.#shown === 0 ? '' : `\r\u001b[${this.#shown}A\u001b[0J`
  }

  readonly #restore = (): void => {
    this.#screen.stream.write(showCursor)
  }
}
