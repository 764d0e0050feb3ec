import type { Logger } from '../core/log.ts'
import type { ScanEvent } from './scan.ts'

/** The steps of a scan in the log: `info` has the scan, `debug` each cell. What a cloud says in its own words stays out. */
export function logScan(logger: Logger): (event: ScanEvent) => void {
  return (event) => {
    const { kind } = event
    switch (event.kind) {
      case 'scan_started': {
        const { scan_id, resumed_from } = event
        logger.info({ scan_id, ...(resumed_from && { resumed_from }) }, kind)
        return
      }
      case 'accounts_found': {
        const { accounts, not_entered } = event
        const failed = event.failed.map(({ connection, error }) => ({ connection, code: error.code }))
        logger.info({ accounts, not_entered, failed }, kind)
        return
      }
      case 'planned': {
        const { cells, not_due, out_of_reach } = event
        logger.info({ cells, not_due, out_of_reach }, kind)
        return
      }
      case 'cell_ended': {
        const { rows, unread_groups } = event
        const unread = Object.keys(unread_groups).length === 0 ? {} : { unread_groups }
        logger.debug(
          {
            ...toCell(event.cell),
            state: event.end.state,
            ...(event.end.failure && { code: event.end.failure.code }),
            rows,
            ...unread,
          },
          kind,
        )
        return
      }
      case 'cell_started':
      case 'cell_cancelled':
      case 'cell_busy':
        logger.debug(toCell(event.cell), kind)
        return
      case 'cell_rows':
        logger.trace({ ...toCell(event.cell), rows: event.rows }, kind)
        return
      case 'judged': {
        const { account_id, findings_changed } = event
        logger.debug({ account_id, findings_changed }, kind)
        return
      }
      case 'scan_ended': {
        const { scan_id, state, cost } = event.record
        const { calls, throttles, failures } = cost ?? {}
        logger.info({ scan_id, state, calls, throttles, failures }, kind)
      }
    }
  }
}

function toCell({ account_id, table, part }: { account_id: string; table: string; part: string }) {
  return { account_id, table, part }
}
