import { StanceError } from '../core/errors.ts'
import type { CommandContext } from './define-command.ts'

type Reading = Awaited<ReturnType<typeof import('../run/open-store.ts')['openReading']>>

/** Opens the store for reading, and closes it whatever happens. */
export async function withReading<T>(
  context: Pick<CommandContext, 'config' | 'demo'>,
  work: (db: Reading) => Promise<T>,
): Promise<T> {
  const { openReading } = await import('../run/open-store.ts')
  const db = await openReading(context.config().database).catch((error: unknown) => {
    if (!context.demo || !(error instanceof StanceError)) throw error
    const { code } = error
    // Printed as `stance demo`, with the options that were given.
    if (code === 'STORE_EMPTY')
      throw new StanceError('STORE_EMPTY', 'The demo has not been scanned yet.', {
        next: 'Run `stance scan`.',
      })
    if (code === 'STORE_OLDER')
      throw new StanceError(
        'STORE_OLDER',
        'The demo was scanned by an older Stance, or with other tables or facts.',
        {
          next: 'Run `stance migrate`: it adds what is missing; or `stance scan`: it is scanned anew.',
        },
      )
    throw error
  })
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}
