import type { CommandContext } from './define-command.ts'

type Reading = Awaited<ReturnType<typeof import('../run/open-store.ts')['openReading']>>

/** Opens the store for reading, and closes it whatever happens. */
export async function withReading<T>(
  context: Pick<CommandContext, 'config'>,
  work: (db: Reading) => Promise<T>,
): Promise<T> {
  const { openReading } = await import('../run/open-store.ts')
  const db = await openReading(context.config().database)
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}
