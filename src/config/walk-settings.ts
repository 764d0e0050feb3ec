import { isList, isSetting, type Section, type Setting } from './define-setting.ts'
import { settings } from './settings.ts'

export type SettingPath = readonly (string | number)[]

export interface NamedSetting {
  path: readonly string[]
  setting: Setting<unknown>
  /** Environment variables that set it, the first that is set wins; none for those within a list. */
  variables: readonly string[]
}

/** Every setting that is not within a list, in the order of declaration. */
export function namedSettings(section: Section = settings, above: readonly string[] = []): NamedSetting[] {
  return Object.entries(section).flatMap(([name, entry]): NamedSetting[] => {
    const path = [...above, name]
    if (isList(entry)) return []
    if (!isSetting(entry)) return namedSettings(entry, path)
    return [{ path, setting: entry, variables: variablesOf(path, entry) }]
  })
}

/** What no variable says: lists of sections, and settings that hold more than a text can. */
export function fileOnlySettings(section: Section = settings, above: readonly string[] = []): string[][] {
  return Object.entries(section).flatMap(([name, entry]): string[][] => {
    const path = [...above, name]
    if (isList(entry)) return [path]
    if (!isSetting(entry)) return fileOnlySettings(entry, path)
    return variablesOf(path, entry).length === 0 ? [path] : []
  })
}

function variablesOf(path: readonly string[], setting: Setting<unknown>): readonly string[] {
  if (setting.kind.fromText === undefined) return []
  return setting.variables ?? [derivedVariable(path)]
}

/** `STANCE_<SECTION>_<NAME>` */
export function derivedVariable(path: readonly string[]): string {
  return `STANCE_${path.join('_').toUpperCase()}`
}

/** `connections[0].regions` */
export function spellPath(path: SettingPath): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('')
}

/** Where a setting of this name may stand: `''` for the top, `database`, `an entry of connections`. */
export function sectionsWith(name: string, section: Section = settings, above = ''): string[] {
  return Object.entries(section).flatMap(([key, entry]) => {
    const here = key === name ? [above] : []
    if (isSetting(entry)) return here
    const inner = isList(entry) ? entry.item : entry
    return [...here, ...sectionsWith(name, inner, isList(entry) ? `an entry of ${key}` : key)]
  })
}
