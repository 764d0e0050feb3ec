import type { ScanEvent } from '../run/scan.ts'

/** An event of a scan as one object of JSON. */
export function toEventLine(event: ScanEvent): Record<string, unknown> {
  switch (event.kind) {
    case 'accounts_found': {
      const failed = event.failed.map(({ connection, error }) => {
        return { connection, error: { code: error.code, message: error.message, next: error.next } }
      })
      const { kind, accounts, not_entered, off } = event
      return { kind, accounts, not_entered, ...(off === undefined ? {} : { off }), failed }
    }
    case 'cell_started':
    case 'cell_rows':
    case 'cell_cancelled':
    case 'cell_busy':
    case 'cell_ended': {
      const { cell, ...rest } = event
      const { account_id, table, part } = cell
      return { kind: event.kind, account_id, table_name: table, part, ...withoutKind(rest) }
    }
    case 'scan_ended': {
      const { scan_id, state, ended_at } = event.record
      return { kind: event.kind, scan_id, state, ended_at }
    }
    default:
      return { ...event }
  }
}

function withoutKind({ kind: _, ...rest }: { kind: string }): Record<string, unknown> {
  return rest
}
