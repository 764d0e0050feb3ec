import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'

const own = new URL('./end-on-interrupt.ts', import.meta.url).href

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends what runs in good order', async (signal) => {
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { endOnInterrupt } from ${JSON.stringify(own)}
     const waits = setInterval(() => {}, 1000)
     const interrupt = endOnInterrupt(() => console.log('first'))
     interrupt.signal.addEventListener('abort', () => {
       interrupt.release()
       clearInterval(waits)
       console.log('in good order')
     })
     console.error('ready')`,
  ])
  const said = text(child.stdout)
  await once(child.stderr, 'data')
  child.kill(signal)
  expect(await once(child, 'close')).toEqual([0, null])
  expect(await said).toBe('first\nin good order\n')
})
