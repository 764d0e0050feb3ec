import { randomInt } from 'node:crypto'
import { describe, inject } from 'vitest'
import type { MotoState } from './moto.ts'
import { findMoto, type MotoProcess, startMoto } from './moto-process.ts'

export interface MotoAccount {
  url: string
  accountId: string
  region: string
  /** Of a role in that account: whoever signs with them acts there. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string }
}

/** A suite that needs the emulator; left out, loudly, where this machine has none. */
export function motoDescribe(name: string, body: () => void): void {
  const state = inject('moto')
  if (state === 'idle')
    throw new Error('moto was not started: the test file itself must say "moto" (see test/setup/moto.ts)')
  if (state === 'missing') describe.skip(`${name} (left out: needs moto)`, body)
  else describe(name, body)
}

/** The address of the server that all suites of this run share. Keep apart by `motoAccount`. */
function motoUrl(): string {
  const state: MotoState = inject('moto')
  if (typeof state === 'string') throw new Error('there is no moto server in this run: use motoDescribe')
  return state.url
}

/**
 * An account of its own in the shared server (or in the one given), so that suites do not see each other.
 * Its id is drawn at random unless one is named; a named one is shared with whoever names it too.
 */
export async function motoAccount(
  options: { accountId?: string; url?: string; region?: string } = {},
): Promise<MotoAccount> {
  const url = options.url ?? motoUrl()
  const region = options.region ?? 'us-east-1'
  const accountId = options.accountId ?? String(randomInt(200_000_000_000, 281_000_000_000))
  const { STSClient, AssumeRoleCommand } = await import('@aws-sdk/client-sts')
  const sts = new STSClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  })
  try {
    const answer = await sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${accountId}:role/tests`, RoleSessionName: 'tests' }),
    )
    const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials ?? {}
    if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw new Error('moto gave no credentials')
    return {
      url,
      accountId,
      region,
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    }
  } finally {
    sts.destroy()
  }
}

/**
 * A server for one suite alone (0.9 s), where accounts do not keep enough apart: bucket names are one space for
 * all accounts, and `/moto-api/reset` empties everything. `beforeAll(async () => { moto = await freshMoto();
 * return moto.stop })`
 */
export async function freshMoto(): Promise<MotoProcess> {
  const command = await findMoto()
  if (command === undefined) throw new Error('there is no moto server on this machine: use motoDescribe')
  return await startMoto(command)
}
