import { expect, it } from 'vitest'
import { freshMoto, motoAccount, motoDescribe } from './moto-account.ts'

motoDescribe('the emulator', () => {
  it('keeps two accounts apart on the shared server', async () => {
    const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts')
    const accounts = await Promise.all([motoAccount(), motoAccount({ accountId: '111122223333' })])
    for (const account of accounts) {
      const sts = new STSClient({
        endpoint: account.url,
        region: account.region,
        credentials: account.credentials,
      })
      const identity = await sts.send(new GetCallerIdentityCommand({}))
      sts.destroy()
      expect(identity.Account).toBe(account.accountId)
    }
    expect(accounts[0].accountId).not.toBe(accounts[1].accountId)
  })

  it('gives a server of its own to who asks, and ends it', async () => {
    const moto = await freshMoto()
    expect((await fetch(`${moto.url}/moto-api/`)).status).toBe(200)
    await moto.stop()
    await expect(fetch(`${moto.url}/moto-api/`)).rejects.toThrow()
  })
})
