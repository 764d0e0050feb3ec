import { atEndpoint } from './at-endpoint.ts'
import type { AwsConnection, AwsKeys } from './connection.ts'
import type { SharedHandler } from './http-handlers.ts'
import { type AwsClient, type LoadedService, loadService } from './services.ts'
import { captureWire } from './wire-capture.ts'

export interface Client {
  client: AwsClient
  createCommand: LoadedService['createCommand']
}

export interface ClientKey {
  connection: AwsConnection
  account_id: string
  service: string
  region: string
}

export interface Clients {
  get(key: ClientKey): Promise<Client>
  /** How many are alive. */
  readonly size: number
  destroy(): void
}

/**
 * Clients by credentials, service and region. At most `limit` are kept: the one that was used longest ago goes.
 * A client that goes while a call runs does it no harm: the sockets are the connection's.
 */
export function createClients(options: {
  limit?: number
  handler: (connection: AwsConnection) => SharedHandler
  keys: (connection: AwsConnection, accountId: string) => () => Promise<AwsKeys>
}): Clients {
  const limit = options.limit ?? 256
  const alive = new Map<string, Promise<Client>>()

  const make = async ({ connection, account_id, service, region }: ClientKey): Promise<Client> => {
    const loaded = await loadService(service)
    const client = loaded.createClient({
      // `memoized`: keys are kept and renewed in one place, else each client would hold on to ended ones.
      region,
      credentials: Object.assign(copied(options.keys(connection, account_id)), { memoized: true }),
      requestHandler: options.handler(connection).forClients,
      // Retrying is the kernel's: it counts every attempt and holds no slot while it waits.
      maxAttempts: 1,
      retryMode: 'standard',
      // Addresses come from the connection alone, so that two connections of one process stay apart.
      ...(connection.endpoint === undefined ? {} : atEndpoint(endpointFor(service, connection.endpoint))),
      ignoreConfiguredEndpointUrls: true,
      ...(service === 's3'
        ? { forcePathStyle: connection.endpoint !== undefined, followRegionRedirects: true }
        : {}),
    })
    captureWire(client)
    if (service === 's3control' && connection.endpoint !== undefined) keepHost(client, connection.endpoint)
    return { client, createCommand: loaded.createCommand }
  }
  const drop = (key: string) => {
    const going = alive.get(key)
    alive.delete(key)
    going?.then(({ client }) => client.destroy()).catch(() => undefined)
  }
  return {
    get(key) {
      const id = [key.connection.name, key.account_id, key.service, key.region].join('\0')
      const known = alive.get(id)
      const client = known ?? make(key)
      alive.delete(id)
      alive.set(id, client)
      if (known === undefined) client.catch(() => alive.delete(id))
      for (const oldest of alive.keys()) {
        if (alive.size <= limit) break
        drop(oldest)
      }
      return client
    },
    get size() {
      return alive.size
    },
    destroy() {
      for (const key of [...alive.keys()]) drop(key)
    },
  }
}

/** The SDK writes into what it is given. */
function copied(keys: () => Promise<AwsKeys>): () => Promise<AwsKeys> {
  return async () => ({ ...(await keys()) })
}

function endpointFor(service: string, endpoint: string): string {
  if (service !== 's3control') return endpoint
  const url = new URL(endpoint)
  url.hostname = 'localhost'
  return url.href
}

/**
 * S3 Control puts the account before the host (`111122223333.s3-control…`), which a single address of an emulator
 * or gateway has not. The endpoint is given as `localhost`, where a prefix is a valid name, and set right here.
 */
function keepHost(client: AwsClient, endpoint: string): void {
  const { hostname } = new URL(endpoint)
  client.middlewareStack.add(
    (next: (args: { request: { hostname: string } }) => unknown) =>
      (args: { request: { hostname: string } }) => {
        args.request.hostname = hostname
        return next(args)
      },
    { step: 'build', name: 'keepHost', priority: 'high' },
  )
}
