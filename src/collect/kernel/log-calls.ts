import type { Logger } from '../../core/log.ts'
import { type Layer, overTransport } from './transport.ts'

/** What a cloud says of itself may be of any length. */
const longest = 100

/** Every attempt in the log, retries too: who was asked what, and how it ended. Never what was sent or answered. */
export function logCalls(logger: Logger): Layer {
  return (inner) =>
    overTransport(inner, async (request) => {
      const start = performance.now()
      const answer = await inner.send(request)
      const { connection, account_id, region, service, operation } = request
      const asked = { connection, account_id, region, service, operation }
      const ms = Math.round(performance.now() - start)
      const id = answer.request_id === undefined ? {} : { request_id: answer.request_id.slice(0, longest) }
      if (answer.ok) logger.trace({ ...asked, ms, ...id }, 'call')
      else {
        const { kind, status, code, throttled } = answer
        const how = {
          kind,
          code: code.slice(0, longest),
          ...(status && { status }),
          ...(throttled && { throttled }),
        }
        logger.debug({ ...asked, ...how, ms, ...id }, 'call without success')
      }
      return answer
    })
}
