import { relative } from 'node:path'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { createLogger } from '../config/logger.ts'
import { secretsOf } from '../config/secrets-of.ts'
import type { Logger } from '../core/log.ts'
import { demoDirectoryIn } from '../run/demo-directory.ts'
import type { Carried } from './carry-options.ts'
import type { CommandContext } from './define-command.ts'
import type { Parsed } from './parse-arguments.ts'
import type { Screen } from './screen/screen.ts'

export interface LoadContext {
  parsed: Parsed
  out: Screen
  err: Screen
  cwd: string
  onSecrets: (secrets: readonly string[]) => void
  /** Where settings were said, for hints. */
  onPlaces: (places: Pick<Carried, 'file' | 'url_in' | 'variables'>) => void
}

export function loadContext({ parsed, out, err, cwd, onSecrets, onPlaces }: LoadContext): CommandContext {
  const { args, options, json, demo } = parsed
  let config: LoadedConfig | undefined
  let logger: Logger | undefined
  const load = () => {
    if (config !== undefined) return config
    const loaded = loadConfig({ cwd, ...(parsed.config === undefined ? {} : { file: parsed.config }) })
    onSecrets(secretsOf(loaded))
    onPlaces(placesOf(loaded, cwd))
    config = demo ? ofDemo(loaded) : loaded
    return config
  }
  return {
    args,
    options,
    json,
    demo,
    out,
    err,
    cwd,
    config: load,
    logger: () => {
      logger ??= createLogger({ ...load().log, secrets: secretsOf(load()) })
      return logger
    },
  }
}

function placesOf(
  { file, url_in_file, variables }: LoadedConfig,
  cwd: string,
): Pick<Carried, 'file' | 'url_in' | 'variables'> {
  if (file === undefined) return { variables }
  const below = relative(cwd, file)
  const name = below.startsWith('..') ? file : below
  return { file: name, variables, ...(url_in_file ? { url_in: name } : {}) }
}

export function ofDemo(config: LoadedConfig): LoadedConfig {
  const { directory, path } = demoDirectoryIn(config.data_directory)
  return {
    ...config,
    data_directory: directory,
    database: {
      ...config.database,
      url: undefined,
      reader_url: undefined,
      path,
    },
  }
}
