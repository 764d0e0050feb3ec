import { createHash } from 'node:crypto'

/** The moment at which the estate is recorded and judged. A Monday morning. */
export const moment = new Date('2026-11-16T09:00:00Z')

/** Larkspur Goods begins; what nobody dated is as old as that. */
const founded = '2024-11-04'

/** What the credential report says of a user; days, or never. */
export interface Credentials {
  user: string
  arn: string
  born: string
  /** Undefined: no password. */
  password: { changed: string; used: string | undefined } | undefined
  mfa: boolean
  keys: readonly { active: boolean; created: string; used: string | undefined; service: string }[]
}

export interface Use {
  day: string
  service: string
  region: string
}

/**
 * When the things of the estate came to be. The emulator makes everything today; what it says of times is
 * replaced by what stands here.
 */
export class Chronicle {
  readonly #days = new Map<string, string>()
  /** By account; the root user stands first. */
  readonly credentials = new Map<string, Credentials[]>()
  /** In the order in which they were made. */
  readonly keyIds: string[] = []
  /** Last use of access keys, by id. What is missing was never used. */
  readonly keyUses = new Map<string, Use>()
  /** Last use of roles, by account and name. */
  readonly roleUses = new Map<string, Use>()
  readonly bucketRegions = new Map<string, string>()
  /** Since when an instance is stopped. */
  readonly stopped = new Map<string, string>()

  /** `thing`: its id, ARN or name, as answers show it; `day`: `2025-03-18`. */
  born(account: string, thing: string | undefined, day: string): void {
    if (thing === undefined) throw new Error('what was made has no id')
    this.#days.set(`${account} ${thing}`, day)
  }

  /** Access keys have other names in the recording than the emulator gave them. */
  keyNames(): Map<string, string> {
    return new Map(
      this.keyIds.map((id, nr) => [id, `AKIALARKSP${String(nr + 1).padStart(3, '0')}EXAMPLE`] as const),
    )
  }

  /** By either name. */
  keyUse(name: string): Use | undefined {
    const own = [...this.keyNames()].find(([, renamed]) => renamed === name)?.[0] ?? name
    return this.keyUses.get(own)
  }

  /** Undefined for what nobody dated. */
  of(account: string, thing: string): Date | undefined {
    const day = this.#days.get(`${account} ${thing}`)
    return day === undefined ? undefined : atWork(day, `${account} ${thing}`)
  }

  default(account: string): Date {
    return atWork(founded, account)
  }
}

/** A time of that day within working hours, the same for the same seed. */
export function atWork(day: string, seed: string): Date {
  const hash = createHash('sha256').update(seed).digest()
  const seconds = 7 * 3600 + (hash.readUInt32BE(0) % (10 * 3600))
  return new Date(Date.parse(`${day}T00:00:00Z`) + seconds * 1000)
}
