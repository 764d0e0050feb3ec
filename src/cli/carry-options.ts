import { shellWord } from './shell-word.ts'

/** What was typed and belongs behind each command that a hint names. */
export interface Carried {
  demo: boolean
  config: string | undefined
}

/** Commands that hints name, the longer ones first. */
const named =
  /\bstance (findings show|resources show|rules (?:list|show|lint|test|try)|tables (?:list|show)|permissions aws|findings|resources|coverage|query|backup|compact|migrate|scan --resume|scan|doctor)(?![\w-])/g

/** These read settings and a cloud of one's own, whatever the data is. */
const withoutDemo = new Set(['doctor', 'permissions aws', 'rules lint', 'rules test'])

/** A hint as it must be typed to speak of the same data: `stance findings show <id>` → `stance findings show --demo <id>`. */
export function carryOptions(text: string, { demo, config }: Carried): string {
  const file = config === undefined ? '' : ` --config ${shellWord(config)}`
  if (!demo && file === '') return text
  return text.replace(named, (_, name: string) => {
    // The demo goes on by being scanned again.
    if (demo && name.startsWith('scan')) return `stance demo${file}`
    return `stance ${name}${file}${demo && !withoutDemo.has(name) ? ' --demo' : ''}`
  })
}
