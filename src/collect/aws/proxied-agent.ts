import type { ClientRequest } from 'node:http'
import { HttpsProxyAgent, type HttpsProxyAgentOptions } from 'https-proxy-agent'

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1]

/**
 * A tunnel through a proxy. The base class drops the agent's own TLS settings for what lies behind the tunnel,
 * and leaves the socket to the proxy open when the request is given up before the tunnel stands.
 */
export class ProxiedAgent extends HttpsProxyAgent<string> {
  readonly #certificates: string[] | undefined

  constructor(proxy: string, options: HttpsProxyAgentOptions<string>, certificates: string[] | undefined) {
    super(proxy, { ...options, ...(certificates === undefined ? {} : { ca: certificates }) })
    this.#certificates = certificates
  }

  override async connect(request: ClientRequest, options: ConnectOptions) {
    const given = new AbortController()
    const giveUp = () => given.abort()
    request.once('close', giveUp)
    const before = this.connectOpts
    // Read before the first await of the base class, so that each request has its own signal.
    this.connectOpts = { ...before, signal: given.signal }
    const trusting = this.#certificates === undefined ? {} : { ca: this.#certificates }
    const connecting = super.connect(request, { ...options, ...trusting })
    this.connectOpts = before
    try {
      return await connecting
    } finally {
      request.off('close', giveUp)
    }
  }
}
