import { z } from 'zod'
import { attackVectors, impacts } from '../core/severity.ts'

/** Where a unit was read from: messages point there. */
export interface Origin {
  file: string
  /** Line of each top-level key, from 1. */
  lines: Record<string, number>
}

/** The families of NIST 800-53, revision 5. */
const nistControl = /^(A[CTU]|C[AMP]|I[AR]|M[AP]|P[ELMST]|RA|S[ACIR])-\d{1,2}(\(\d{1,2}\))?$/

const condition = z.string().trim().min(1)
const value = z.union([z.string(), z.number(), z.boolean(), z.null()])
/** A row of a proof: only the columns that the condition names. */
const proofRow = z.record(z.string(), value)
const withRows = z.record(z.string(), z.array(proofRow))

/**
 * A small world that gives a known verdict: the judged resource's columns beside `name`, `with`, `params`.
 * Rows under `with:` may name their own `account_id`, `region`, and a parent by `resource_key`.
 */
const proof = z
  .object({
    name: z.string().optional(),
    with: withRows.optional(),
    now: z.coerce.date().optional(),
    params: z.record(z.string(), z.union([value, z.array(z.string())])).optional(),
  })
  .catchall(value)
export type Proof = z.infer<typeof proof>

const param = z
  .strictObject({
    default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
    title: z.string(),
    /** Of numbers: the least and the most that an installation may set. */
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .refine(({ default: value, min, max }) => isWithin(value, min, max), {
    path: ['default'],
    message: '`min` and `max` are for numbers, and the default lies between them',
  })

function isWithin(value: unknown, min: number | undefined, max: number | undefined): boolean {
  if (min === undefined && max === undefined) return true
  return typeof value === 'number' && value >= (min ?? value) && value <= (max ?? value)
}

const shared = {
  title: z.string().min(5),
  params: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), param).default({}),
}

/** A rule file: everything about one rule, its proofs too. Its id is its path. */
export const ruleFile = z.strictObject({
  ...shared,
  resource: z.string(),
  across: z.literal('accounts').optional(),
  applies: condition.optional(),
  pass: condition,
  severity: z.strictObject({ attack_vector: z.enum(attackVectors), impact: z.enum(impacts) }),
  why: z.string().min(20),
  fix: z.strictObject({ console: z.string(), cli: z.string(), terraform: z.string() }),
  nist_800_53: z.array(z.string().regex(nistControl)).default([]),
  topics: z.array(z.string()).min(1),
  references: z.array(z.url({ protocol: /^https?$/ })).min(1),
  scored: z.boolean().default(true),
  formerly: z.array(z.string()).default([]),
  deprecated: z
    .strictObject({ since: z.string(), because: z.string(), use: z.string().optional() })
    .optional(),
  /** Also judged where another account owns the resource. */
  foreign: z.boolean().default(false),
  proofs: z.strictObject({
    pass: z.array(proof).min(1),
    fail: z.array(proof).min(1),
    not_applicable: z.array(proof).default([]),
  }),
})
export type RuleFile = z.infer<typeof ruleFile>

/** A fact file: a derived column of one table. Its table and column are its path. */
export const factFile = z.strictObject({
  ...shared,
  across: z.never('a fact looks at its own account only; a rule may say `across: accounts`').optional(),
  when: condition,
  path: z.string().optional(),
  proofs: z.strictObject({ true: z.array(proof).min(1), false: z.array(proof).min(1) }),
})
export type FactFile = z.infer<typeof factFile>

export interface Rule extends RuleFile {
  id: string
  /** The oldest id it ever had. */
  id_seed: string
  provider: string
  service: string
  origin: Origin
}

export interface Fact extends FactFile {
  table: string
  column: string
  provider: string
  origin: Origin
}
