import type { Json } from '../core/json.ts'
import { isRead, type State } from '../core/state.ts'
import { hashContent } from './canonical-document.ts'
import type { LakeTable } from './catalogue.ts'
import type { CollectedResource, Failure, GroupRead } from './collected.ts'
import { groupsOf } from './table-groups.ts'

/** A read of a group, checked and hashed once. */
export interface PreparedRead {
  state: State
  read_at: number
  asked_at: number
  /** Of a good read: null where "not configured". */
  content: Json
  hash: string
  full: string
  failure?: Failure
  carries?: readonly string[]
  way?: string
}

export interface PreparedResource {
  resource: CollectedResource
  groups: Map<string, PreparedRead>
  tags: string
}

/** What collect handed over, hashed. Groups that the table does not declare are left out. */
export function prepareResource(table: LakeTable, resource: CollectedResource): PreparedResource {
  const groups = new Map<string, PreparedRead>()
  for (const [name, declared] of groupsOf(table.declared)) {
    const read = resource.groups[name]
    if (read === undefined) continue
    groups.set(name, prepareRead(name, read, declared))
  }
  const tags = Object.entries(resource.tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return { resource, groups, tags: JSON.stringify(Object.fromEntries(tags)) }
}

type Declared = Parameters<typeof hashContent>[1]

function prepareRead(group: string, read: GroupRead, declared: Declared): PreparedRead {
  const read_at = new Date(read.read_at).getTime()
  const asked_at = read.asked_at === undefined ? read_at : new Date(read.asked_at).getTime()
  const shared = { read_at, asked_at, carries: read.carries, way: read.way }
  if (!isRead(read.state)) {
    return {
      ...shared,
      state: read.state,
      content: null,
      hash: '',
      full: '',
      failure: cleanFailure(read.failure),
    }
  }
  try {
    const content = read.state === 'ok' ? (read.content ?? null) : null
    return { ...shared, state: read.state, content, ...hashContent(content, declared) }
  } catch (error) {
    const failure: Failure = {
      code: 'DOCUMENT_REFUSED',
      message: `The answer for group ${group} cannot be kept: ${error instanceof Error ? error.message : 'unknown'}.`,
      next: 'Report it with the name of the resource.',
    }
    return { ...shared, state: 'error', content: null, hash: '', full: '', failure }
  }
}

const longestMessage = 2000

export function cleanFailure(failure: Failure | undefined): Failure {
  if (failure === undefined) {
    return {
      code: 'UNKNOWN',
      message: 'No reason was given.',
      next: 'Run the scan again with STANCE_LOG_LEVEL=debug.',
    }
  }
  return { ...failure, message: failure.message.slice(0, longestMessage) }
}
