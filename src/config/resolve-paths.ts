import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Config } from './settings.ts'
import { namedSettings, type SettingPath } from './walk-settings.ts'

/** Makes every path absolute, in place; `base` says what a relative one is relative to. */
export function resolvePaths(config: Config, base: (path: SettingPath) => string): void {
  for (const { path, setting } of namedSettings()) {
    if (!setting.path) continue
    let section = config as unknown as Record<string, unknown>
    for (const part of path.slice(0, -1)) section = section[part] as Record<string, unknown>
    const name = path.at(-1)!
    const value = section[name]
    if (typeof value === 'string') section[name] = absolute(value, base(path))
    else if (Array.isArray(value)) section[name] = value.map((one) => absolute(String(one), base(path)))
  }
}

function absolute(value: string, base: string): string {
  return value === '~' || value.startsWith('~/') ? join(homedir(), value.slice(1)) : resolve(base, value)
}
