import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether this user may have a disk that is full soon: the superuser of a Linux that is not too closely kept. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const probe = join(tmpdir(), `stance-test-mount-${process.pid}`)
  try {
    execFileSync('mkdir', [probe])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', probe], { stdio: 'ignore' })
    execFileSync('umount', [probe])
    return true
  } catch {
    return false
  } finally {
    execFileSync('rm', ['-rf', probe])
  }
}

/** A disk of this size (`12m`) at a directory that is there. */
export function mountSmall(directory: string, size: string): { grow(size: string): void; unmount(): void } {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', directory])
  return {
    grow: (more) => void execFileSync('mount', ['-o', `remount,size=${more}`, directory]),
    unmount: () => void execFileSync('umount', [directory]),
  }
}
