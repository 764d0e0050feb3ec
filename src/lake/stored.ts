/** A provider's answer as it lies in a document: times are ISO strings, bytes are base64, undefined is left out. */
export type Stored<T> = T extends Date
  ? string
  : T extends Uint8Array
    ? string
    : T extends (infer Item)[]
      ? Stored<Item>[]
      : T extends object
        ? { [Key in keyof T]: Stored<T[Key]> }
        : T

type Leaf = string | number | boolean | bigint | Date | Uint8Array | undefined | null
type Depth = [never, 0, 1, 2, 3, 4]

/** Dotted paths into an answer, checked by the compiler against the provider's own types; lists end a path. */
export type PathOf<T, Left extends number = 4> = [Left] extends [never]
  ? never
  : T extends Leaf | unknown[]
    ? never
    : {
        [Key in keyof T & string]: Key | `${Key}.${PathOf<NonNullable<T[Key]>, Depth[Left]>}`
      }[keyof T & string]

export function valueAt(document: unknown, path: string): unknown {
  let here: unknown = document
  for (const key of path.split('.')) {
    if (here === null || typeof here !== 'object') return undefined
    here = (here as Record<string, unknown>)[key]
  }
  return here === null ? undefined : here
}
