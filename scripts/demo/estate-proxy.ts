import type { IncomingMessage } from 'node:http'
import { scopeOf } from '../../src/collect/aws/wire-key.ts'
import { passOn, standBefore, type WireAnswer, type WireProxy } from '../../test/setup/stand-before.ts'

/** A request, as far as writings tell requests apart. */
export interface Asked {
  account: string
  region: string
  /** The signing name: `elasticloadbalancing`, and `s3` for S3 Control too. */
  service: string
  /** Where the protocol names it; of S3 the method, path and what is asked of it: `GET /bucket?policy`. */
  operation: string
  /** The form or JSON of the body. */
  input: Readonly<Record<string, string>>
}

/** Something that the emulator cannot give, written into its answers. */
export interface Writing {
  /** How the recording marks it. */
  mark: string
  /** Nothing of the emulator's own answer is left. */
  whole?: true
  fits(asked: Asked): boolean
  /** Undefined where this answer is as the emulator gave it. */
  write(answer: WireAnswer, asked: Asked): WireAnswer | undefined
}

export interface EstateProxyOptions {
  /** The emulator's address. */
  upstream: string
  /** Accounts by access key. */
  accounts: ReadonlyMap<string, string>
  writings: readonly Writing[]
  renames: readonly Rename[]
}

/** A name that the emulator drew, and what the estate calls it, in requests and answers. */
export interface Rename {
  from: string
  to: string
  /** Only there. */
  service?: string
}

/** Stands before the emulator: what passes is marked with every writing that changed it. */
export function estateProxy(options: EstateProxyOptions): Promise<WireProxy> {
  return standBefore((request, sent) => answer(request, sent, options))
}

async function answer(
  request: IncomingMessage,
  sent: string,
  { upstream, accounts, writings, renames }: EstateProxyOptions,
): Promise<WireAnswer & { marks: string[] }> {
  const scope = scopeOf(request.headers.authorization)
  if (scope === undefined) throw new Error(`not signed: ${request.url}`)
  const account = accounts.get(scope.access_key_id)
  if (account === undefined) throw new Error(`nobody's key: ${scope.access_key_id}`)
  const asked: Asked = {
    account,
    region: scope.region,
    service: scope.signing_name,
    ...toOperation(request, sent),
  }
  const names = renames.filter((one) => one.service === undefined || one.service === asked.service)
  const back = names.map(({ from, to }) => ({ from: to, to: from }))
  let current = await passOn(upstream, request, renamed(sent, back), renamed(request.url ?? '/', back))
  let marks: string[] = []
  for (const writing of writings) {
    const next = writing.fits(asked) ? writing.write(current, asked) : undefined
    if (next === undefined || (next.body === current.body && next.status === current.status)) continue
    current = next
    marks = writing.whole ? [writing.mark] : [...marks, writing.mark]
  }
  if (current.status >= 500)
    console.error(`the emulator fails: ${asked.service} ${asked.operation} of ${account} in ${asked.region}`)
  const body = renamed(current.body, names)
  if (body !== current.body) marks.push('ids')
  return { ...current, body, marks }
}

function renamed(text: string, names: readonly Rename[]): string {
  return names.reduce((done, { from, to }) => done.replaceAll(from, to), text)
}

function toOperation(request: IncomingMessage, body: string): Pick<Asked, 'operation' | 'input'> {
  const form = new URLSearchParams(body)
  const action = form.get('Action')
  if (action !== null) return { operation: action, input: Object.fromEntries(form) }
  const target = String(request.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1)
  if (target) return { operation: target, input: body === '' ? {} : JSON.parse(body) }
  const url = new URL(request.url ?? '/', 'http://estate.invalid')
  const what = [...url.searchParams.keys()].filter((name) => name !== 'x-id').sort()
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname
  return {
    operation: `${request.method} ${path}${what.length === 0 ? '' : `?${what.join('&')}`}`,
    input: {},
  }
}
