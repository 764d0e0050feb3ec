import { createAwsTransport } from '../collect/aws/transport.ts'
import { usualError } from '../collect/aws/wire-error.ts'
import { defaultLimits } from '../collect/kernel/call-limiter.ts'
import type { CollectDeps } from '../collect/kernel/collect-deps.ts'
import { CallCounter } from '../collect/kernel/count-calls.ts'
import { type KernelLayers, withKernelLayers } from '../collect/kernel/kernel-layers.ts'
import { secretPaths } from '../collect/kernel/secret-paths.ts'
import { SharedReads } from '../collect/kernel/shared-reads.ts'
import type { Layer, Transport } from '../collect/kernel/transport.ts'
import { parseFaults } from '../collect/transport/faults.ts'
import { injectFaults } from '../collect/transport/inject-faults.ts'
import type { Stance } from './open-stance.ts'
import type { RunSettings } from './run-settings.ts'
import { secretKeyOf } from './secret-key.ts'
import { makeSpoolDirectory, removeSpoolDirectory } from './spool-directory.ts'

export interface CollectingOptions {
  settings: RunSettings
  /** Faults to inject, for tests and demonstrations: `ec2:DescribeSubnets@eu-west-1=denied`. */
  faults?: string | undefined
  /** How long waits and retries last, where the defaults are not meant. */
  pace?: Pick<KernelLayers, 'retry' | 'breaker' | 'times'> | undefined
  /** Ears of a recording, on the wire. */
  listen?: Parameters<typeof createAwsTransport>[0]['listen']
}

/** The wire to the clouds with all its layers, for a scan or for events. */
export interface Collecting {
  transport: Transport
  counter: CallCounter
  shared: SharedReads
  /** What reading a cell or a resource needs; who writes it and who listens comes on top. */
  deps(signal: AbortSignal): Omit<CollectDeps, 'openWriter' | 'report'>
  close(): Promise<void>
}

export async function openCollecting(stance: Stance, options: CollectingOptions): Promise<Collecting> {
  const { registry, clock } = stance
  const { settings, faults, pace, listen } = options
  const counter = new CallCounter()
  const key = await secretKeyOf(settings.data_directory)
  const wire = createAwsTransport({
    connections: settings.connections,
    network: settings.network,
    ...(listen === undefined ? {} : { listen }),
  })
  const injected: { faults?: Layer } =
    faults === undefined ? {} : { faults: injectFaults(parseFaults(faults), { usual: usualError }) }
  const transport = withKernelLayers(wire, {
    counter,
    logger: stance.logger,
    secrets: { paths: secretPaths([...registry.tables.values()], [...registry.sources.values()]), key },
    limits: { ...defaultLimits, process: settings.collect.concurrency },
    ...injected,
    ...pace,
  })
  const spools = await makeSpoolDirectory(settings.data_directory)
  const shared = new SharedReads(registry, spools, settings.collect.cell_time_budget)
  return {
    transport,
    counter,
    shared,
    deps: (signal) => ({
      registry,
      transports: new Map([[transport.name, transport]]),
      clock,
      signal,
      shared,
      budgets: { cell_ms: settings.collect.cell_time_budget, cell_calls: settings.collect.call_budget },
      secret_key: key,
    }),
    async close() {
      await shared.close()
      await transport.close()
      removeSpoolDirectory(spools)
    },
  }
}
