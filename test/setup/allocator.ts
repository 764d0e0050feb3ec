/**
 * Test processes open and close stores all the time, and glibc gives memory back to the system each time only to ask for it
 * again: an eighth of their processor time. Read when a process starts, so it is set here, before there are workers.
 * Other systems do not know these words.
 */
export default function keepMemory(): void {
  process.env.MALLOC_TRIM_THRESHOLD_ ??= String(512 * 1_048_576)
  process.env.MALLOC_MMAP_THRESHOLD_ ??= String(128 * 1_048_576)
  process.env.MALLOC_TOP_PAD_ ??= String(16 * 1_048_576)
}
