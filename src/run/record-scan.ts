import { type Recorder, recordAws } from '../collect/aws/record.ts'
import { secretPaths } from '../collect/kernel/secret-paths.ts'
import type { Stance } from './open-stance.ts'
import { secretKeyOf } from './secret-key.ts'

/** Records what a scan hears, secrets apart, so that it can be replayed. */
export async function recordScan(
  stance: Stance,
  directory: string,
  dataDirectory: string,
): Promise<Recorder> {
  const { registry } = stance
  return recordAws({
    directory,
    secrets: secretPaths([...registry.tables.values()], [...registry.sources.values()]),
    key: await secretKeyOf(dataDirectory),
    gzip: true,
  })
}
