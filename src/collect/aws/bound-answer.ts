import { pipeline, Readable, Transform } from 'node:stream'

interface Response {
  statusCode: number
  headers: Record<string, string>
  body?: unknown
}

/** What goes on sending is no answer of AWS's, and must not fill this machine's memory. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
  readonly $response: { statusCode: number; headers: Record<string, string> }

  constructor(most: number, { statusCode, headers }: Response) {
    super(`An answer of more than ${Math.round(most / 2 ** 20)} MiB was not read to its end.`)
    this.$response = { statusCode, headers }
  }
}

/** The same response, of which no more than `most` bytes are read. */
export function boundAnswer<T extends Response>(response: T, most: number): T {
  const { body } = response
  if (!(body instanceof Readable)) return response
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > most) done(new AnswerTooLarge(most, response))
      else done(null, chunk)
    },
  })
  // Whoever reads hears of an error; the socket is let go.
  pipeline(body, counted, () => undefined)
  return Object.assign(response, { body: counted })
}
