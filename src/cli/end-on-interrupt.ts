/** As shells say it: 128 and the number of the signal. */
export const interruptedCode = 130

export interface Interrupt {
  signal: AbortSignal
  release(): void
}

/** Ctrl-C (a polite end by the system, a terminal that was closed) once ends what runs in good order; twice ends the process. */
export function endOnInterrupt(onFirst: () => void, onSecond = () => {}): Interrupt {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) {
      onSecond()
      process.exit(interruptedCode)
    }
    onFirst()
    controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, stop)
    },
  }
}
