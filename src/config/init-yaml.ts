import { stringify } from 'yaml'
import { isList, isSetting, type Section, type Setting } from './define-setting.ts'
import { settings } from './settings.ts'

const header = `# Settings of Stance. Everything here is optional: what is commented out shows the default or an example.
# Names of sections ("connections:") are there already: write below them, and not a second time.
# Environment variables (STANCE_<SECTION>_<NAME>, DATABASE_URL) win over this file.
# Secrets are better kept in the environment than here.
`

/** A fully commented stance.yaml: every setting, said by its declaration. It is valid as it is. */
export function initYaml(): string {
  return `${header}\n${section(settings, 0).join('\n').trimEnd()}\n`
}

function section(entries: Section, depth: number): string[] {
  const indent = '  '.repeat(depth)
  return Object.entries(entries).flatMap(([name, entry]): string[] => {
    if (isSetting(entry)) {
      return [...comment(entry, indent), `${indent}# ${name}: ${exampleOf(entry)}`, '']
    }
    if (isList(entry))
      return [`${indent}# ${entry.title}`, `${indent}${name}:`, ...listItem(entry.item, depth + 2)]
    return [`${indent}${name}:`, ...section(entry, depth + 1)]
  })
}

/** The first setting stands behind the dash that begins an entry. */
function listItem(item: Section, depth: number): string[] {
  const lines = section(item, depth)
  const first = lines.findIndex(
    (line) => /^ *# \w+: /.test(line) && line.includes(`# ${Object.keys(item)[0]}: `),
  )
  return lines.map((line, at) => (at === first ? line.replace('  # ', '# - ') : line))
}

function comment(setting: Setting<unknown>, indent: string): string[] {
  const said = [setting.title, setting.secret ? 'Secret.' : '', defaultNote(setting)].filter(
    (part) => part !== '',
  )
  return wrap(said.join(' '), 100 - indent.length).map((line) => `${indent}# ${line}`)
}

function defaultNote(setting: Setting<unknown>): string {
  return setting.example === undefined || setting.example === setting.defaultText
    ? ''
    : `Default: ${defaultOf(setting)}.`
}

/** The default in words, or as YAML. */
export function defaultOf(setting: Setting<unknown>): string {
  return setting.defaultText ?? inline(setting.default)
}

export function exampleOf(setting: Setting<unknown>): string {
  return setting.example ?? inline(setting.default)
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow' }).trim()
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
