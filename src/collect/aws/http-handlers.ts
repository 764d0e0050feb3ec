import { Agent, type AgentOptions } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { NodeHttpHandler } from '@smithy/node-http-handler'
import { StanceError } from '../../core/errors.ts'
import { boundAnswer } from './bound-answer.ts'
import type { Network } from './connection.ts'
import { isProxyProtocol, proxyFor, readProxy } from './proxy.ts'
import { trustedCertificates } from './trusted-certificates.ts'

type Handle = NodeHttpHandler['handle']

/** What SDK clients send through. Many clients share one; only its owner destroys it. */
export interface SharedHandler {
  /** For a client's `requestHandler`: its `destroy` leaves the sockets to the other clients. */
  readonly forClients: {
    handle: Handle
    metadata: NodeHttpHandler['metadata']
    destroy(): void
    updateHttpClientConfig(): void
    httpHandlerConfigs(): Record<string, never>
  }
  destroy(): void
}

export interface HandlerLimits {
  /** Milliseconds until a connection must stand: what cannot be reached ends early. */
  connect_ms?: number
  /** Sockets to one host at once. */
  sockets_per_host?: number
  /** Of one answer; 64 MiB, far more than any page of AWS's. */
  answer_bytes?: number
}

/**
 * Sockets are kept alive and shared by all clients of a connection, so that a thousand accounts need no thousand
 * pools. Whether an address goes through a proxy is decided per request: NO_PROXY names hosts.
 */
export function createSharedHandler(network: Network, limits: HandlerLimits = {}): SharedHandler {
  const certificates = trustedCertificates(network.ca_bundle)
  const agent = {
    keepAlive: true,
    maxSockets: limits.sockets_per_host ?? 48,
    maxFreeSockets: 16,
    maxTotalSockets: 512,
    timeout: 120_000,
  }
  const handlers = new Map<string, Promise<NodeHttpHandler>>()
  const handlerFor = (proxy: string) => {
    const made = handlers.get(proxy) ?? makeHandler(proxy, agent, certificates, limits.connect_ms ?? 5_000)
    handlers.set(proxy, made)
    return made
  }
  const handle: Handle = async (request, options) => {
    const port = request.port ? `:${request.port}` : ''
    const address = new URL(`${request.protocol}//${request.hostname}${port}`)
    const handler = await handlerFor(proxyFor(address, network))
    const { response } = await handler.handle(request, options)
    return { response: boundAnswer(response, limits.answer_bytes ?? 64 * 2 ** 20) }
  }
  return {
    forClients: {
      handle,
      metadata: { handlerProtocol: 'http/1.1' },
      destroy() {},
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    },
    destroy() {
      for (const handler of handlers.values()) handler.then((made) => made.destroy()).catch(() => undefined)
      handlers.clear()
    },
  }
}

async function makeHandler(
  proxy: string,
  agent: AgentOptions,
  certificates: string[] | undefined,
  connectionTimeout: number,
): Promise<NodeHttpHandler> {
  const { NodeHttpHandler } = await import('@smithy/node-http-handler')
  const tls = certificates === undefined ? {} : { ca: certificates }
  return new NodeHttpHandler({
    connectionTimeout,
    ...(proxy === ''
      ? { httpAgent: new Agent(agent), httpsAgent: new SecureAgent({ ...agent, ...tls }) }
      : await proxyAgents(proxy, agent, certificates)),
    // The warning on waiting sockets is about our own bounded concurrency.
    socketAcquisitionWarningTimeout: 2 ** 31 - 1,
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  })
}

async function proxyAgents(proxy: string, agent: AgentOptions, certificates: string[] | undefined) {
  const { host, protocol } = readProxy(proxy)
  if (!isProxyProtocol(protocol))
    throw new StanceError(
      'COLLECT_UNREACHABLE',
      `The proxy ${host} speaks ${protocol} and Stance only http and https.`,
      {
        next: 'Name another in HTTPS_PROXY or `network.https_proxy`, which go before ALL_PROXY; or leave it out with NO_PROXY.',
      },
    )
  const { HttpProxyAgent } = await import('http-proxy-agent')
  const { ProxiedAgent } = await import('./proxied-agent.ts')
  const tls = certificates === undefined ? {} : { ca: certificates }
  return {
    httpAgent: new HttpProxyAgent(proxy, { ...agent, ...tls }),
    httpsAgent: new ProxiedAgent(proxy, agent, certificates),
  }
}
