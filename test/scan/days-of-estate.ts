import { afterEach } from 'vitest'
import { type Estate, type EstateOptions, openEstate } from './open-estate.ts'

/** Opens the estate as often as a test likes, as it looks on different days; all of them end with the test. */
export function daysOfEstate(): (options?: EstateOptions) => Promise<Estate> {
  const estates: Estate[] = []
  afterEach(async () => {
    for (const estate of estates.splice(0)) await estate.stop()
  })
  return async (options) => {
    const estate = await openEstate(options)
    estates.push(estate)
    return estate
  }
}
