import { escapeText } from './escape-text.ts'

/**
 * Text that is safe to print: escaped, perhaps coloured. Plain strings are escaped when they are printed, so
 * only what went through here can move a cursor.
 */
export class Ink {
  readonly text: string

  private constructor(text: string) {
    this.text = text
  }

  /** Of text that is known to be safe: our own, or made of other ink. */
  static raw(text: string): Ink {
    return new Ink(text)
  }
}

export type Text = string | number | Ink

export function toInk(text: Text): Ink {
  return text instanceof Ink ? text : Ink.raw(escapeText(String(text)))
}

/** A template whose values are escaped, ink apart. */
export function ink(parts: TemplateStringsArray, ...values: readonly Text[]): Ink {
  const said = values.map((value) => toInk(value).text)
  return Ink.raw(parts.map((part, at) => part + (said[at] ?? '')).join(''))
}

export function join(texts: readonly Text[], between: Text = ''): Ink {
  return Ink.raw(texts.map((text) => toInk(text).text).join(toInk(between).text))
}
