import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StanceError } from '../core/errors.ts'
import { type OnBroken, unlessBroken } from './unless-broken.ts'

/** Rules lie three folders deep; so deep only folders that are linked in a circle go. */
const deepest = 12

/**
 * Every YAML file below a directory, through links too: a ConfigMap of Kubernetes is mounted as links. Names that begin
 * with a dot are left out, as everywhere; a link that leads nowhere, or back, is told and not passed over.
 */
export async function ruleFiles(directory: string, onBroken?: OnBroken): Promise<string[]> {
  const files: string[] = []
  await gather(directory, [], files, onBroken)
  return files.toSorted()
}

async function gather(
  directory: string,
  above: readonly string[],
  files: string[],
  onBroken: OnBroken | undefined,
): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new StanceError('RULE_DIRECTORY', `The directory ${directory} cannot be read.`, {
      next: 'Make it, or take it out of `rules.directories` in stance.yaml.',
      cause,
    })
  })
  const chain = [...above, await realpath(directory)]
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(directory, entry.name)
    const isYaml = /\.ya?ml$/i.test(entry.name)
    await unlessBroken(async () => {
      const about = entry.isSymbolicLink() ? await behindLink(path) : entry
      if (about.isDirectory()) {
        if (entry.isSymbolicLink()) await refuseCircle(path, chain)
        await gather(path, chain, files, onBroken)
      } else if (isYaml && !about.isFile()) throw notReadable(path, 'is neither a file nor a directory')
      else if (isYaml) files.push(path)
    }, onBroken)
  }
}

async function behindLink(path: string): Promise<{ isDirectory(): boolean; isFile(): boolean }> {
  return stat(path).catch((cause: unknown) => {
    throw notReadable(path, 'is a link that leads to nothing that can be read', cause)
  })
}

async function refuseCircle(path: string, chain: readonly string[]): Promise<void> {
  if (chain.includes(await realpath(path)) || chain.length > deepest)
    throw notReadable(path, 'is a link that leads back to a directory that it lies in')
}

function notReadable(path: string, what: string, cause?: unknown): StanceError {
  return new StanceError('RULE_FILE_UNREADABLE', `${path} ${what}.`, {
    next: `Mend or remove ${basename(path)}; a name that begins with a dot is left out.`,
    cause,
    details: { file: path },
  })
}
