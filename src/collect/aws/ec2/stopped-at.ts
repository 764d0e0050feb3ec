import type { Instance } from '@aws-sdk/client-ec2'
import type { Stored } from '../../../lake/stored.ts'

/** AWS tells it in a sentence only: `User initiated (2026-01-31 08:15:00 GMT)`. Undefined where it tells nothing. */
export function stoppedAt(instance: Stored<Instance>): string | undefined {
  if (instance.State?.Name !== 'stopped') return undefined
  const told = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:GMT|UTC)\)/.exec(instance.StateTransitionReason ?? '')
  return told === null ? undefined : `${told[1]}T${told[2]}Z`
}
