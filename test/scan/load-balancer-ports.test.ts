import { expect, it } from 'vitest'
import type { Recording } from '../../src/collect/transport/read-recording.ts'
import { fromBody } from '../../src/collect/transport/recording.ts'
import { longest, oneEngine } from '../setup/test-database.ts'
import { daysOfEstate } from './days-of-estate.ts'
import { eachScannedStore } from './each-scanned-store.ts'
import { careless } from './estate.ts'

const narrowing = { accounts: [careless], services: ['ec2', 'elbv2'] }

eachScannedStore(
  'a load balancer that listens on port 80',
  { copies: 'one for all', engines: oneEngine() },
  (scanned) => {
    const day = daysOfEstate()

    it('is public when its group opens this port, and unknown without its listeners', {
      timeout: longest,
    }, async () => {
      const { stance, estate } = scanned()
      const isPublic = async () => {
        const rows = await stance.db.query<{ is_public: boolean | null }>(
          "select b.is_public from lake.aws_lb b where b.account_id = $1 and b.load_balancer_name = 'web'",
          [careless],
        )
        return rows.map((row) => row.is_public)
      }
      expect(await isPublic(), 'its group opens SSH alone').toEqual([false])
      const open = await day({ clock: estate.clock, edit: opened })
      await open.scan(stance, { narrowing })
      expect(await isPublic(), 'port 80 is open').toEqual([true])
      await open.scan(stance, { narrowing, faults: 'elasticloadbalancingv2:DescribeListeners=denied' })
      expect(await isPublic(), 'nobody can say where it listens').toEqual([null])
    })
  },
)

/** What was SSH is HTTP. */
function opened(exchanges: Recording['exchanges']): Recording['exchanges'] {
  return exchanges.map((exchange) => {
    if (exchange.operation !== 'DescribeSecurityGroups' || exchange.account_id !== careless) return exchange
    const body = fromBody(exchange.body).toString('utf8')
    return { ...exchange, body: body.replaceAll(/<(from|to)Port>22<\/\1Port>/g, '<$1Port>80</$1Port>') }
  })
}
