import { mkdtempSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

/** Tries it: permissions alone do not tell, as of `/proc`, or where a disk is mounted for reading only. Throws what stands in the way. */
export function mayWrite(directory: string): void {
  rmdirSync(mkdtempSync(join(directory, '.stance-doctor-')))
}
