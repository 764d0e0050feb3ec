import { nearest } from '../core/nearest.ts'
import type { Problem } from './validate.ts'
import { derivedVariable, fileOnlySettings, namedSettings, spellPath } from './walk-settings.ts'

export interface Environment {
  values: { path: readonly string[]; value: unknown }[]
  /** Which variable said what: by the setting's spelled path. */
  variables: Map<string, string>
  problems: Problem[]
}

/** Read elsewhere: by this module's caller, or by the tests. */
const known = ['STANCE_CONFIG']

/** Files of variables (`docker --env-file`) keep blanks and quotes that a shell would take away. */
export function readVariable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const said = env[name]?.trim()
  return /^(["'])((?:(?!\1).)*)\1$/s.exec(said ?? '')?.[2]?.trim() ?? said
}

/**
 * The settings that the environment holds. A variable that is set to nothing counts as not set; not so the one
 * that says where everything is kept, for then a file would be made of it elsewhere, and everything would be new.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const environment: Environment = { values: [], variables: new Map(), problems: [] }
  const all = namedSettings()
  for (const { path, setting, variables } of all) {
    const empty = variables.find(
      (variable) => variable === 'DATABASE_URL' && readVariable(env, variable) === '',
    )
    if (empty !== undefined)
      environment.problems.push({
        place: `environment variable ${empty}`,
        message:
          'it is set to nothing, as where a secret is missing; set it, or unset it for the embedded database',
      })
    const name = variables.find((variable) => readVariable(env, variable))
    if (name === undefined) continue
    environment.values.push({ path, value: setting.kind.fromText?.(readVariable(env, name) ?? '') })
    environment.variables.set(spellPath(path), name)
  }
  const names = [...known, ...all.flatMap(({ variables }) => variables)].filter((name) =>
    name.startsWith('STANCE_'),
  )
  const replaced = new Map(all.map(({ path, variables }) => [derivedVariable(path), variables[0]]))
  const onlyInFile = new Map(
    fileOnlySettings().map((path) => [derivedVariable(path).slice('STANCE_'.length), spellPath(path)]),
  )
  for (const name of Object.keys(env)) {
    if (!name.startsWith('STANCE_') || names.includes(name) || !env[name]) continue
    // Kubernetes sets STANCE_PORT and the like for a service of that name, so only what looks like
    // a slip of the pen is refused.
    const meant = replaced.get(name) ?? nearest(name, names)
    if (name.startsWith('STANCE_TEST_')) continue
    const place = `environment variable ${name}`
    if (meant !== undefined) {
      environment.problems.push({ place, message: `this variable is not read; did you mean ${meant}?` })
      continue
    }
    const ofFile = nearest(name.slice('STANCE_'.length), onlyInFile.keys())
    if (ofFile !== undefined)
      environment.problems.push({
        place,
        message: `this variable is not read; \`${onlyInFile.get(ofFile)}\` is set in the file of settings only`,
      })
  }
  return environment
}
