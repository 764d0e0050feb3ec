import { replaceSecrets } from './replace-secrets.ts'
import { type SecretPaths, secretKey } from './secret-paths.ts'
import { type Layer, overTransport } from './transport.ts'

/** Replaces the declared secret fields of every answer before anything else, a recording too, sees it. */
export function secretGate(paths: SecretPaths, key: string | Buffer): Layer {
  return (inner) =>
    overTransport(inner, async (request) => {
      const answer = await inner.send(request)
      const declared = paths.get(secretKey(inner.name, request.service, request.operation))
      if (!answer.ok || declared === undefined) return answer
      const body = structuredClone(answer.body)
      replaceSecrets(body, declared, key)
      return { ...answer, body }
    })
}
