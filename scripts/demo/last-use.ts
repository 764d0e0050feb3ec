import { atWork, moment } from './chronicle.ts'

/** A time of that day; of the moment's own day one shortly before it. */
export function lastUse(day: string, seed: string): string {
  const time = atWork(day, seed)
  const latest = new Date(moment.getTime() - 11 * 60_000)
  return (time < latest ? time : latest).toISOString()
}
