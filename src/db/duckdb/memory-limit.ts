import { totalmem } from 'node:os'

/**
 * A third of what this process may use, in bytes. Node reads the limits of the container (cgroup 1 and 2);
 * without one it answers 0 or a number beyond the machine's memory.
 */
export function defaultMemoryLimit(machine = totalmem(), container = process.constrainedMemory()): number {
  const available = container > 0 ? Math.min(machine, container) : machine
  return Math.floor(available / 3)
}
