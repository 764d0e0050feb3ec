import type { WorldRow } from './reference-judge.ts'
import { smallCatalogue as catalogue, fullRow } from './small-catalogue.fixture.ts'

/** Networks n1 … n4: n3's flow was not read, n4 is not listed any more, for us-east-1 is unread. */
export const home = '111122223333'
export const now = new Date('2026-06-01T00:00:00Z')

function rows(table: string, list: WorldRow[]): WorldRow[] {
  return list.map((row) => fullRow(catalogue.get(table)!, row))
}

export const handWorld = {
  tables: {
    network: rows('network', [
      {
        resource_key: 'n1',
        network_id: 'net-1',
        size: 5,
        peer_id: 'net-2',
        ratio: 0.5,
        flow_status: 'ACTIVE',
        peer_account_id: '444455556666',
        created_at: new Date('2026-01-01T00:00:00Z'),
      },
      {
        resource_key: 'n2',
        network_id: 'net-2',
        size: 0,
        is_default: true,
        peer_id: '',
        flow_status: 'off',
        peer_account_id: '777788889999',
        created_at: new Date('2026-05-30T00:00:00Z'),
      },
      {
        resource_key: 'n3',
        network_id: 'net-3',
        size: 7,
        _read_flow: null,
        flow_status: null,
        peer_id: null,
        flow_limit: null,
        ratio: null,
      },
      {
        resource_key: 'n4',
        network_id: 'net-4',
        region: 'us-east-1',
        _part: 'us-east-1',
        _listed: null,
        _read_flow: null,
        size: null,
        is_default: null,
        created_at: null,
        peer_account_id: null,
        flow_status: null,
        peer_id: null,
        flow_limit: null,
        ratio: null,
      },
      {
        resource_key: 'n1',
        account_id: '444455556666',
        network_id: 'net-1',
        size: 1,
        owner_account_id: home,
      },
    ]),
    network_rule: rows('network_rule', [
      { resource_key: 'n1', port: 22, target_id: 'b1', is_open: true },
      { resource_key: 'n1', _nr: 2, port: 443, target_id: 'b2' },
      { resource_key: 'n2', port: 80, target_id: 'b9' },
    ]),
    network_tag: rows('network_tag', [
      { resource_key: 'n1', tag: 'env', tag_value: 'prod' },
      { resource_key: 'n2', tag: 'env', tag_value: 'Dev' },
      ...Array.from({ length: 12 }, (_, at) => ({
        resource_key: 'n2',
        _nr: 12 - at,
        tag: 'many',
        tag_value: String(at),
      })),
    ]),
    bucket: rows('bucket', [
      {
        resource_key: 'b1',
        region: 'eu-west-1',
        _part: 'global',
        bucket_id: 'b1',
        size: 10,
        network_id: 'net-1',
        note: 'Ä',
        policy_id: 'p1',
        key_days: 30,
        is_shared: true,
      },
      {
        resource_key: 'b2',
        region: 'us-east-1',
        _part: 'global',
        bucket_id: 'b2',
        size: 20,
        network_id: 'net-1',
        _read_cipher: null,
        key_id: null,
        key_account_id: null,
        key_days: null,
      },
      {
        resource_key: 'b3',
        region: 'us-east-1',
        _part: 'global',
        bucket_id: 'b3',
        size: 5,
        network_id: 'net-2',
        _read_policy: null,
        policy_id: null,
        is_shared: null,
        key_days: 400,
      },
    ]),
    bucket_grant: rows('bucket_grant', [
      { resource_key: 'b1', region: 'eu-west-1', grantee: 'anna', weight: 3, target_id: 'net-1' },
      { resource_key: 'b1', region: 'eu-west-1', _nr: 2, grantee: 'bert', weight: 4, target_id: 'net-2' },
      { resource_key: 'b2', region: 'us-east-1', grantee: 'anna', weight: 9, target_id: 'net-2' },
    ]),
  },
  cells: [
    { account_id: home, table_name: 'network', part: 'eu-west-1', in_force: true },
    { account_id: home, table_name: 'network', part: 'us-east-1', in_force: false },
    { account_id: home, table_name: 'bucket', part: 'global', in_force: true },
    { account_id: '444455556666', table_name: 'network', part: 'eu-west-1', in_force: true },
    { account_id: '444455556666', table_name: 'bucket', part: 'global', in_force: true },
  ],
}
