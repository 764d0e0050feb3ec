import type { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { isList, isSetting, type Section, type Setting } from './define-setting.ts'
import { type SettingPath, sectionsWith, spellPath } from './walk-settings.ts'

export interface Problem {
  place: string
  message: string
}

export interface Report {
  /** Where a setting was said. */
  place(path: SettingPath, of?: 'key' | 'value'): string
  problems: Problem[]
}

/** Checks data against a section's declaration and fills in the defaults; problems go to the report. */
export function buildSection(
  section: Section,
  data: unknown,
  report: Report,
  above: SettingPath = [],
): Record<string, unknown> {
  const given = asMapping(data, report, above)
  refuseUnknown(section, given, report, above)
  const built: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(section)) {
    const path = [...above, name]
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (isSetting(entry)) built[name] = buildSetting(entry, value, report, path)
    else if (isList(entry)) built[name] = buildList(entry.item, value, report, path)
    else built[name] = buildSection(entry, value ?? {}, report, path)
  }
  return built
}

function buildSetting(setting: Setting<unknown>, value: unknown, report: Report, path: SettingPath): unknown {
  if (value === undefined) return structuredClone(setting.default)
  const result = setting.kind.schema.safeParse(value)
  if (result.success) return result.data
  const [inner] = result.error.issues
  const deeper = [...path, ...deepest(inner)]
  const message = `${spellPath(path)} must be ${setting.kind.expects}${remedy(setting)}`
  report.problems.push({ place: report.place(deeper), message })
  return setting.default
}

/** Where inside the value the trouble is: a third element of a list, say. */
function deepest(issue: z.core.$ZodIssue | undefined): (string | number)[] {
  if (issue === undefined) return []
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  if (issue.code !== 'invalid_union') return path
  const inside = issue.errors.flat().map(deepest)
  return [...path, ...(inside.sort((a, b) => b.length - a.length)[0] ?? [])]
}

function remedy(setting: Setting<unknown>): string {
  return setting.example === undefined ? '' : `, for example ${setting.example}`
}

function buildList(item: Section, value: unknown, report: Report, path: SettingPath): unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    const message = `${spellPath(path)} must be a list: begin each entry with "- "`
    report.problems.push({ place: report.place(path), message })
    return []
  }
  return value.map((element, at) => buildSection(item, element, report, [...path, at]))
}

function asMapping(data: unknown, report: Report, path: SettingPath): Record<string, unknown> {
  if (typeof data === 'object' && data !== null && !Array.isArray(data))
    return data as Record<string, unknown>
  const what = path.length === 0 ? 'the file' : spellPath(path)
  report.problems.push({ place: report.place(path), message: `${what} must be a mapping of names to values` })
  return {}
}

function refuseUnknown(
  section: Section,
  given: Record<string, unknown>,
  report: Report,
  above: SettingPath,
): void {
  const known = Object.keys(section)
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    const remedy =
      belongsTo(name) ?? (meant === undefined ? `known here: ${known.join(', ')}` : `did you mean ${meant}?`)
    // Only what looks like a name is repeated: a secret in the wrong place does not.
    const what = /^[\w-]{1,40}$/.test(name) ? spellPath([...above, name]) : 'of this name'
    const message = `there is no setting ${what}; ${remedy}`
    report.problems.push({ place: report.place([...above, name], 'key'), message })
  }
}

/** A key of another section stands here because of its indentation. */
function belongsTo(name: string): string | undefined {
  const homes = sectionsWith(name)
  if (homes.length === 0) return undefined
  const where = homes.map((path) => (path === '' ? 'at the left edge' : `below ${path}`)).join(' or ')
  return `it belongs ${where}: look at the indentation`
}

/**
 * A section whose entries are all commented out is null in YAML; that means "nothing said", not "null". The key stays:
 * one that is not known is an error all the same.
 */
export function withoutNulls(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withoutNulls)
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, value === null ? undefined : withoutNulls(value)]),
  )
}
