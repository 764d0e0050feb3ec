import type { Json } from './json.ts'

/**
 * A read, declared as data for a transport. Strings in `input` and `region` may hold `{Path.In.Item}` (a field
 * of the listed item) and `{$account}`, `{$region}`, `{$partition}`, `{$id}` (the resource's native id).
 * A string that is one placeholder alone keeps the type of its value.
 */
export interface Read {
  /** The transport; a table's own unless said otherwise. */
  via?: string
  /** The provider's service, as the transport names it; a table's own unless said otherwise. */
  service?: string
  operation: string
  input?: { [name: string]: Json }
  /**
   * Of a single read: the input in place of `input` where the id begins so. By these ids an event names the resource through
   * what hangs on it: an instance by its network interface.
   */
  named_by?: { readonly [begin: string]: { [name: string]: Json } }
  /** The region that the call goes to, where it is not the cell's. */
  region?: string
  pages?: Pages
  /** The part of the answer that is kept; all of it where left out. */
  pick?: string
  /** The provider leaves the rows' (or the picked) list out where it is empty. Else its absence is an error. */
  omits_empty?: true
  /**
   * Paths in the answer whose values are secret, where the table's own `secret:` cannot be found in it because a
   * shape stands between. They may go through lists.
   */
  secret?: readonly string[]
  /** What the caller must be allowed; a list names alternatives, the one to ask for first. */
  permission: string | readonly string[]
  /** Answers that mean "not configured". */
  absent?: readonly Answer[]
  /** Answers that mean "this call does not apply to this kind of resource". */
  unsupported?: readonly Answer[]
  /** Answers that mean "the resource does not exist" (single reads and reads of a group). */
  gone?: readonly Answer[]
  /** Answers that mean "the region is not opted in, or has not this service" (lists only). */
  no_service?: readonly Answer[]
  /** Why an operation not named Get…, List…, Describe… or Head… changes nothing. */
  reads_only_because?: string
}

/** How pages follow each other: the answer's token goes into the input until there is none (or `more` is false). */
export interface Pages {
  out: string
  in: string
  more?: string
  /** A count in the answer that must agree with the rows read in all. */
  total?: string
}

/**
 * A declared match on an answer: a code alone, or code, status, message and reason together. `message` and
 * `reason` are parts of the text, upper and lower case alike.
 */
export type Answer = string | { code?: string; status?: number; message?: string; reason?: string }
