import { providerMeaning } from '../collect/kernel/provider-meaning.ts'
import type { FailedAnswer, Transport } from '../collect/kernel/transport.ts'
import type { Failure } from '../lake/collected.ts'

/** Why the regions of an account are not known, and whether somebody refused to name them. */
export function regionsUnread(
  failed: FailedAnswer,
  { answers }: Transport,
): { isRefused: boolean; failure: Failure; remedy: string } {
  const { code, message } = failed
  const meaning = providerMeaning(failed, { service: 'ec2', operation: 'DescribeRegions' }, answers)
  const isRefused = meaning?.means === 'denied'
  const remedy = isRefused
    ? 'Allow ec2:DescribeRegions, so that every region of the account is known.'
    : 'Look at `home_region` and `endpoint` of the connection, then scan again.'
  const told = isRefused ? '' : `ec2:DescribeRegions did not answer as it should: ${message} (${code}). `
  const next = `${told}${remedy}`
  return { isRefused, failure: { code, message, action: 'ec2:DescribeRegions', next }, remedy }
}
