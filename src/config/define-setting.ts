import type { z } from 'zod'

/** How a value looks in YAML, how it is said in words, and how it is read from an environment variable. */
export interface Kind<T> {
  schema: z.ZodType<T, unknown>
  /** Completes "must be …". */
  expects: string
  /** What the schema is given for the text of an environment variable; without it there is no variable. */
  fromText?: (text: string) => unknown
}

export interface Setting<T> {
  readonly setting: true
  title: string
  kind: Kind<T>
  default: T
  /** How the default is said in the documentation, where the value itself does not read well. */
  defaultText?: string
  /** YAML shown in the template and the documentation; the default's own spelling where left out. */
  example?: string
  /** Environment variables that replace the derived name; the first one that is set wins. */
  variables?: readonly string[]
  /** Never printed, logged or echoed. */
  secret?: true
  /** A path: relative ones are resolved against the file's folder, or the working directory. */
  path?: true
}

/** A list of sections: `connections`. Environment variables cannot set it. */
export interface SettingList<S extends Section> {
  readonly list: true
  title: string
  item: S
}

export interface Section {
  readonly [name: string]: Setting<unknown> | SettingList<Section> | Section
}

/** The typed object that a section describes. */
export type ConfigOf<S> = {
  [Name in keyof S]: S[Name] extends { setting: true; default: infer T }
    ? T
    : S[Name] extends { list: true; item: infer Item }
      ? ConfigOf<Item>[]
      : ConfigOf<S[Name]>
}

export function defineSetting<const T>(declaration: Omit<Setting<T>, 'setting'>): Setting<T> {
  return { setting: true, ...declaration }
}

export function defineList<const S extends Section>(
  declaration: Omit<SettingList<S>, 'list'>,
): SettingList<S> {
  return { list: true, ...declaration }
}

export type Entry = Section[string]

export function isSetting(entry: Entry): entry is Setting<unknown> {
  return 'setting' in entry && entry.setting === true
}

export function isList(entry: Entry): entry is SettingList<Section> {
  return 'list' in entry && entry.list === true
}
