import { z } from 'zod'
import { severities } from '../core/severity.ts'
import { type ConfigOf, defineList, defineSetting } from './define-setting.ts'
import {
  address,
  byRule,
  choice,
  duration,
  flag,
  integer,
  listOf,
  optional,
  orWord,
  path,
  pattern,
  size,
  text,
} from './kinds.ts'

const accountId = pattern(/^\d{12}$/, 'an account id of 12 digits, in quotes')
const region = pattern(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a region such as eu-west-1')
const hour = 3_600_000
const postgresAddress =
  'an address that begins with postgres:// (its port up to 65535; % and what separates are percent-encoded in user and password)'

/** How one connection to AWS is declared in `connections`. */
const connection = {
  name: defineSetting({
    title: 'What messages and coverage call this connection. Each one once.',
    kind: pattern(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens'),
    default: 'default',
    example: 'production',
  }),
  provider: defineSetting({ title: 'The kind of cloud.', kind: choice(['aws']), default: 'aws' }),
  profile: defineSetting({
    title:
      "A profile of the AWS CLI's files; without it, the SDK's default chain (environment, SSO, instance role).",
    kind: optional(text("a profile's name")),
    default: undefined,
    defaultText: 'the default chain',
    example: 'audit',
  }),
  role_arn: defineSetting({
    title:
      'A role to assume with those credentials. `{account}` stands for the id of each account, where there are several.',
    kind: optional(
      pattern(
        /^arn:aws[a-z-]*:iam::(\d{12}|\{account\}):role\/[\w+=,.@/-]+$/,
        "a role's ARN; {account} may stand for the account id",
      ),
    ),
    default: undefined,
    defaultText: 'no role is assumed',
    example: 'arn:aws:iam::{account}:role/stance',
  }),
  external_id: defineSetting({
    title: "The external id that the role's trust policy asks for.",
    kind: optional(
      pattern(/^[\w+=,.@:/-]{2,1224}$/, 'an external id of 2 to 1224 letters, digits or +=,.@:/-'),
    ),
    default: undefined,
    defaultText: 'none',
    example: 'from-the-trust-policy',
    secret: true,
  }),
  session_name: defineSetting({
    title: "What the account's audit log calls these calls.",
    kind: pattern(/^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits or +=,.@-'),
    default: 'stance',
  }),
  accounts: defineSetting({
    title:
      'Accounts to read: `automatic` is the account of the credentials, or every active one with `organization`.',
    kind: orWord(listOf(accountId, 'a list of account ids of 12 digits, each in quotes'), 'automatic'),
    default: 'automatic',
    example: '["111122223333", "444455556666"]',
  }),
  off_accounts: defineSetting({
    title:
      'Accounts that this connection does not read. Where no other reads them they are off: nothing is read, their findings close, their history stays.',
    kind: listOf(accountId, 'a list of account ids of 12 digits, each in quotes'),
    default: [],
  }),
  organization: defineSetting({
    title: 'Whether to read the organization: its accounts and their tree.',
    kind: flag,
    default: false,
  }),
  regions: defineSetting({
    title:
      'Regions to read: `automatic` is every region that an account has opted into. What a list leaves out counts as unread. Of an account that several connections read, each region is read through the first that takes it.',
    kind: orWord(listOf(region, 'a list of regions such as eu-west-1'), 'automatic'),
    default: 'automatic',
    example: '[eu-west-1, us-east-1]',
  }),
  home_region: defineSetting({
    title: 'Where the first call goes: a region of another partition leads into that partition.',
    kind: optional(region),
    default: undefined,
    defaultText: "the profile's region, else us-east-1",
    example: 'us-gov-west-1',
  }),
  endpoint: defineSetting({
    title: 'One address for all services, for an emulator or a private gateway.',
    kind: optional(address(['http:', 'https:'], 'an http or https address')),
    default: undefined,
    defaultText: "the cloud's own",
    example: 'http://localhost:5000',
  }),
}

/**
 * Every setting there is. From this come the typed object, the checks and their messages, the environment
 * variables, the template that `stance init` writes, and docs/reference/settings.md.
 */
export const settings = {
  data_directory: defineSetting({
    title: 'Where Stance keeps what it makes: the embedded database, keys, sockets.',
    kind: path(),
    default: '.stance',
    path: true,
  }),
  database: {
    url: defineSetting({
      title:
        'A PostgreSQL or Citus database; without it, the embedded database. A pooler before it (PgBouncer) has to pool by session.',
      kind: optional(address(['postgres:', 'postgresql:'], postgresAddress)),
      default: undefined,
      defaultText: 'the embedded database',
      example: 'postgres://stance@db.example.com/stance',
      variables: ['DATABASE_URL'],
      secret: true,
    }),
    reader_url: defineSetting({
      title:
        'PostgreSQL: where `stance query` logs in, as a role that can only read. Without it Stance makes one, where it may.',
      kind: optional(address(['postgres:', 'postgresql:'], postgresAddress)),
      default: undefined,
      defaultText: 'a role that Stance makes by itself',
      example: 'postgres://stance_reader@db.example.com/stance',
      secret: true,
    }),
    path: defineSetting({
      title: 'The file of the embedded database.',
      kind: optional(path()),
      default: undefined,
      defaultText: 'stance.duckdb in the data directory',
      example: '/var/lib/stance/stance.duckdb',
      path: true,
    }),
    memory_limit: defineSetting({
      title:
        'What the embedded database may use. `automatic` is a third of what the machine or container has.',
      kind: orWord(size, 'automatic'),
      default: 'automatic',
      example: '4GB',
    }),
  },
  connections: defineList({
    title:
      'The clouds to read. Without any: one connection named `default`, with the default chain of credentials.',
    item: connection,
  }),
  collect: {
    concurrency: defineSetting({
      title: 'Calls to clouds at once, in the whole process. Less are made where a cloud throttles.',
      kind: integer(1, 1024),
      default: 32,
    }),
    call_budget: defineSetting({
      title: 'Calls that the reading of one cell (one table in one region of one account) may make.',
      kind: integer(1, 10_000_000),
      default: 100_000,
    }),
    cell_time_budget: defineSetting({
      title: 'How long the reading of one cell may take.',
      kind: duration,
      default: hour / 4,
      defaultText: '15m',
      example: '15m',
    }),
    stale_after: defineSetting({
      title:
        'After a failed read, how long the last good one stays in force; what is read once a day: at least two days.',
      kind: duration,
      default: 24 * hour,
      defaultText: '24h',
      example: '24h',
    }),
    inventory: defineSetting({
      title:
        'How often to read what no enabled rule needs: with every scan (`full`), once a day (`daily`), never (`off`).',
      kind: choice(['full', 'daily', 'off']),
      default: 'daily',
    }),
    record_directory: defineSetting({
      title:
        'Where to keep what a cloud answered, as it came but for secrets, to look up or to hand on. No command reads it again. Each scan wants a directory of its own.',
      kind: optional(path()),
      default: undefined,
      defaultText: 'nothing is recorded',
      example: './recording',
      path: true,
    }),
  },
  rules: {
    directories: defineSetting({
      title: 'Folders with rules of your own, in the layout of `rules/`.',
      kind: listOf(path(), 'a list of paths'),
      default: [],
      example: '[./rules]',
      path: true,
    }),
    disabled: defineSetting({
      title: 'Rules that are switched off, by id.',
      kind: listOf(pattern(/^[a-z0-9-]+$/, "a rule's id"), "a list of rules' ids"),
      default: [],
      example: '[aws-s3-bucket-keeps-versions]',
    }),
    params: defineSetting({
      title: "Parameters of rules: a rule's id, then its parameters.",
      kind: byRule(
        z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
        "a mapping from rules' ids to their parameters",
      ),
      default: {},
      example: '{ aws-iam-access-key-is-rotated: { max_age_days: 60 } }',
    }),
    only_on: defineSetting({
      title: 'Conditions on resources: the rule gives findings only where it is true.',
      kind: byRule(z.string().min(1), "a mapping from rules' ids to conditions"),
      default: {},
      example: '{ aws-s3-bucket-keeps-versions: "region = \'eu-west-1\'" }',
    }),
    never_on: defineSetting({
      title: 'Conditions on resources: the rule gives no finding where it is true.',
      kind: byRule(z.string().min(1), "a mapping from rules' ids to conditions"),
      default: {},
      example: '{ aws-s3-bucket-keeps-versions: "bucket_name like \'scratch-%\'" }',
    }),
  },
  network: {
    https_proxy: defineSetting({
      title: 'The proxy for https addresses.',
      kind: optional(text("a proxy's address")),
      default: undefined,
      defaultText: 'none',
      example: 'http://proxy.example.com:3128',
      variables: ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'],
      secret: true,
    }),
    http_proxy: defineSetting({
      title: 'The proxy for http addresses.',
      kind: optional(text("a proxy's address")),
      default: undefined,
      defaultText: 'none',
      example: 'http://proxy.example.com:3128',
      variables: ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'],
      secret: true,
    }),
    no_proxy: defineSetting({
      title: 'Hosts that are reached without the proxy, separated by commas.',
      kind: optional(text('a list of hosts')),
      default: undefined,
      defaultText: 'none',
      example: 'localhost,.example.com,10.0.0.0/8',
      variables: ['NO_PROXY', 'no_proxy'],
    }),
    ca_bundle: defineSetting({
      title:
        'Certificates (PEM) to trust beside the usual ones (and those of NODE_EXTRA_CA_CERTS), for a proxy that opens TLS.',
      kind: optional(path()),
      default: undefined,
      defaultText: 'none',
      example: '/etc/ssl/certs/company.pem',
      variables: ['STANCE_NETWORK_CA_BUNDLE', 'AWS_CA_BUNDLE'],
      path: true,
    }),
  },
  scan: {
    fail_on: defineSetting({
      title: '`stance scan` ends with 1 if a finding of at least this severity fails.',
      kind: choice([...severities, 'never']),
      default: 'high',
    }),
    fail_on_unknown: defineSetting({
      title: '`stance scan` ends with 3 if a finding of that severity is unknown.',
      kind: flag,
      default: false,
    }),
  },
  log: {
    level: defineSetting({
      title:
        'What is logged, on standard error: `info` has the steps of a scan, `debug` each cell and each call that fails (service, operation, code, id of the request), `trace` every call. No level has answers or secrets.',
      kind: choice(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']),
      default: 'warn',
    }),
    pretty: defineSetting({
      title: 'Lines for people instead of JSON.',
      kind: flag,
      default: false,
    }),
  },
}

/** Durations in milliseconds, sizes in bytes, paths absolute. */
export type Config = ConfigOf<typeof settings>
export type Connection = ConfigOf<typeof connection>
