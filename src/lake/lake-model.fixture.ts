import type { State } from '../core/state.ts'

const day = 24 * 3_600_000

/** What a lock really is at a moment. */
export interface Real {
  made: string
  doors: number
  on: boolean
}

export type AlarmRead = { state: 'ok' | 'denied' | 'error'; on: boolean; at: number }

interface Known {
  made: string
  doors: number
  listedAt: number
  isListed: boolean
  alarm?: { state: State; at: number; okAt?: number; on?: boolean; inForce: boolean }
}

/** The lake in the plainest words: what it should know after a sequence of reads of one cell. */
export class LakeModel {
  readonly known = new Map<string, Known>()
  readonly goneAt = new Map<string, number>()
  cell: { state: State; inForce: boolean; okAt?: number } | undefined
  versions = 0
  deletions = 0

  read(
    name: string,
    real: Pick<Real, 'made' | 'doors'>,
    at: number,
    alarm: AlarmRead | undefined,
    now: number,
  ): void {
    let known = this.known.get(name)
    if (known === undefined && (this.goneAt.get(name) ?? 0) > at) return
    if (known !== undefined && known.made !== real.made) {
      if (known.listedAt > at) return
      this.remove(name)
      known = undefined
    }
    let isVersion = false
    if (known === undefined) {
      known = { made: real.made, doors: real.doors, listedAt: at, isListed: true }
      this.known.set(name, known)
    } else if (known.listedAt <= at) {
      isVersion = known.doors !== real.doors
      Object.assign(known, { doors: real.doors, listedAt: at, isListed: true })
    }
    if (this.#readAlarm(known, alarm, now)) isVersion = true
    if (isVersion) this.versions += 1
  }

  #readAlarm(known: Known, read: AlarmRead | undefined, now: number): boolean {
    const old = known.alarm
    if (read === undefined) this.#expire(known, now)
    if (read === undefined || (old !== undefined && old.at > read.at)) return false
    if (read.state === 'ok') {
      known.alarm = { state: 'ok', at: read.at, okAt: read.at, on: read.on, inForce: true }
      return old?.on !== undefined && old.on !== read.on
    }
    const isYoung = old?.okAt !== undefined && now - old.okAt < day
    const inForce = read.state === 'error' && old?.inForce === true && isYoung
    known.alarm = { ...old, state: read.state, at: read.at, inForce }
    return false
  }

  #expire(known: Known, now: number): void {
    const { alarm } = known
    if (alarm?.state === 'error' && alarm.inForce && now - alarm.okAt! >= day)
      known.alarm = { ...alarm, inForce: false }
  }

  gone(name: string, at: number): void {
    const known = this.known.get(name)
    if (known !== undefined && known.listedAt > at) return
    this.goneAt.set(name, at)
    if (known !== undefined) this.remove(name)
  }

  remove(name: string): void {
    this.known.delete(name)
    this.deletions += 1
  }

  end(state: State, listedAt: number, seen: ReadonlySet<string>, now: number): void {
    if (state === 'ok') {
      for (const [name, known] of this.known) {
        if (seen.has(name) || known.listedAt >= listedAt) continue
        this.goneAt.set(name, listedAt)
        this.remove(name)
      }
    }
    for (const known of this.known.values()) this.#expire(known, now)
    const before = this.cell
    const was = state === 'absent' && this.known.size > 0 ? 'denied' : state
    const kept = before?.inForce === true && before.okAt !== undefined && now - before.okAt < day
    const inForce = was === 'ok' || was === 'absent' || (was === 'error' && kept)
    const okAt = was === 'ok' || was === 'absent' ? Math.max(listedAt, before?.okAt ?? 0) : before?.okAt
    this.cell = { state: was, inForce, ...(okAt === undefined ? {} : { okAt }) }
    if (inForce) return
    const limit = was === 'error' ? now - day : listedAt
    for (const known of this.known.values()) if (known.listedAt < limit) known.isListed = false
  }

  rows(): unknown[] {
    return [...this.known].sort().map(([name, { doors, isListed, alarm }]) => {
      if (!isListed) return { resource_key: `lock/${name}`, _listed: null, door_count: null, is_on: null }
      const is_on = alarm?.inForce ? alarm.on! : null
      return { resource_key: `lock/${name}`, _listed: true, door_count: doors, is_on }
    })
  }
}
