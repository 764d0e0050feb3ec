/** Times are UTC here; absence times are what they mean (architecture: never used, never expires). */
export function showMoment(moment: Date | string | null | undefined): string {
  if (moment === null || moment === undefined) return 'never'
  const date = typeof moment === 'string' ? new Date(moment) : moment
  const year = date.getUTCFullYear()
  if (Number.isNaN(year) || year <= 1 || year >= 9999) return 'never'
  return date.toISOString().slice(0, 16).replace('T', ' ')
}

/** Where the hour says little. */
export function showDay(moment: Date): string {
  return showMoment(moment).slice(0, 10)
}

export function showDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 120
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function showBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  let size = bytes
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return unit === 0 ? `${size} bytes` : `${size.toFixed(1)} ${units[unit]}`
}

/** `1 finding`, `3 findings`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`
}

/** A value of the lake: NULL is what was not read, and absence values are words. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'not read'
  if (value === '') return 'none'
  if (typeof value === 'number' && value === Number.MAX_SAFE_INTEGER) return 'no limit'
  if (value instanceof Date) return showMoment(value)
  if (typeof value === 'string') return isoTime.test(value) ? showMoment(value) : value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/
