import { shellWord } from './shell-word.ts'

/** What was typed and belongs behind each command that a hint names. */
export interface Carried {
  demo: boolean
  config: string | undefined
  /** The settings that were read, where their file has another name than stance.yaml. */
  file?: string | undefined
  /** The file that says where the database is, where no variable does. */
  url_in?: string | undefined
  /** Settings that a variable of the environment sets, which goes before the file, by their names. */
  variables?: ReadonlyMap<string, string> | undefined
}

/** Commands that hints name, the longer ones first. */
const named =
  /\bstance (findings show|resources show|rules (?:list|show|lint|test|try)|tables (?:list|show)|permissions aws|findings|resources|coverage|query|backup|compact|migrate|scan --resume|scan|doctor)(?![\w-])/g

/** These read settings and a cloud of one's own, whatever the data is. */
const withoutDemo = new Set(['doctor', 'permissions aws', 'rules lint', 'rules test'])

/** A hint as it must be typed to speak of the same data: `stance findings show <id>` → `stance findings show --demo <id>`. */
export function carryOptions(hint: string, { demo, config, ...read }: Carried): string {
  const file = config === undefined ? '' : ` --config ${shellWord(config)}`
  const text = namePlaces(hint, read)
  if (!demo && file === '') return text
  return text.replace(named, (_, name: string) => {
    // The demo goes on by being scanned again.
    if (demo && name.startsWith('scan')) return `stance demo${file}`
    return `stance ${name}${file}${demo && !withoutDemo.has(name) ? ' --demo' : ''}`
  })
}

/** Not a path, nor a place in a file: those are named already. */
const usualFile = /(?<![\w/.\\-])stance\.yaml(?![\w:.-]\w)/g
const usualVariable = /(?<![\w$])DATABASE_URL\b/g

/** `rules.directories` in stance.yaml */
const settingInFile = /`([a-z_]+(?:\.[a-z_]+)?)` in stance\.yaml(?![\w:.-]\w)/g

/** Hints speak of what is usual: the file is named that was read, and the setting or variable that was used. */
function namePlaces(
  text: string,
  { file, url_in, variables }: Pick<Carried, 'file' | 'url_in' | 'variables'>,
): string {
  const told = text.replace(settingInFile, (said, setting: string) => variables?.get(setting) ?? said)
  const named = file === undefined ? told : told.replace(usualFile, () => file)
  return url_in === undefined ? named : named.replace(usualVariable, () => `database.url (${url_in})`)
}
