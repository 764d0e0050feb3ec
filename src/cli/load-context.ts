import { join } from 'node:path'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { createLogger } from '../config/logger.ts'
import { secretsOf } from '../config/secrets-of.ts'
import type { Logger } from '../core/log.ts'
import type { CommandContext } from './define-command.ts'
import type { Parsed } from './parse-arguments.ts'
import type { Screen } from './screen/screen.ts'

export interface LoadContext {
  parsed: Parsed
  out: Screen
  err: Screen
  cwd: string
  onSecrets: (secrets: readonly string[]) => void
}

export function loadContext({ parsed, out, err, cwd, onSecrets }: LoadContext): CommandContext {
  const { args, options, json, demo } = parsed
  let config: LoadedConfig | undefined
  let logger: Logger | undefined
  const load = () => {
    if (config !== undefined) return config
    const loaded = loadConfig({ cwd, ...(parsed.config === undefined ? {} : { file: parsed.config }) })
    onSecrets(secretsOf(loaded))
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

/** The demo lies in a directory of its own and never in one's own database. */
export function ofDemo(config: LoadedConfig): LoadedConfig {
  const data_directory = join(config.data_directory, 'demo')
  return {
    ...config,
    data_directory,
    database: {
      ...config.database,
      url: undefined,
      reader_url: undefined,
      path: join(data_directory, 'stance.duckdb'),
    },
  }
}
