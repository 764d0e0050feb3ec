import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Child {
  process: ChildProcess
  /** The next line that the child prints. */
  line(): Promise<string>
  kill(): Promise<void>
}

/** Runs `code` (with `openDatabase`, `serveReads`, `options`) in a process of its own, from the sources. */
export function startChild(code: string, options: object): Child {
  const modules = ['open-database', 'share', 'migrate'].map(
    (name) => new URL(`./${name}.ts`, import.meta.url).href,
  )
  const script = `
    const [{ openDatabase }, { serveReads }, { migrate }] = await Promise.all(${JSON.stringify(modules)}.map((m) => import(m)))
    const options = ${JSON.stringify(options)}
    const print = (text) => process.stdout.write(text + '\\n')
    ${code}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next()
      if (done) throw new Error('The child ended before it printed what was awaited.')
      return value
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
