import type { FuncCall } from 'libpg-query'

/** What PostgreSQL knows of a function from its catalogue, and a parser does not. */
const aggregates = new Set(
  (
    'count sum min max avg bool_and bool_or every any_value string_agg array_agg json_agg jsonb_agg ' +
    'json_object_agg jsonb_object_agg percentile_cont percentile_disc mode bit_and bit_or bit_xor ' +
    'stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp'
  ).split(' '),
)
const volatiles = new Set(
  'random gen_random_uuid uuid uuidv4 uuidv7 nextval setval currval clock_timestamp timeofday'.split(' '),
)
const clocks = new Set('now transaction_timestamp statement_timestamp current_timestamp'.split(' '))
/** Functions in FROM that give the same rows for the same arguments; others are computed once and shipped. */
const immutableSources = new Set(
  (
    'unnest generate_series generate_subscripts json_array_elements json_array_elements_text jsonb_array_elements ' +
    'jsonb_array_elements_text json_each json_each_text jsonb_each jsonb_each_text jsonb_object_keys regexp_matches ' +
    'regexp_split_to_table string_to_table'
  ).split(' '),
)

export function functionNameOf(call: FuncCall): string {
  const last = call.funcname?.at(-1)
  return last !== undefined && 'String' in last ? (last.String.sval ?? '').toLowerCase() : ''
}

export const isAggregate = (call: FuncCall): boolean =>
  call.over === undefined &&
  (aggregates.has(functionNameOf(call)) ||
    call.agg_star === true ||
    call.agg_distinct === true ||
    call.agg_within_group === true ||
    call.agg_filter !== undefined ||
    call.agg_order !== undefined)

export const isVolatile = (call: FuncCall): boolean => {
  const name = functionNameOf(call)
  return volatiles.has(name) || name.startsWith('pg_advisory') || name.startsWith('pg_try_advisory')
}
export const isClock = (call: FuncCall): boolean => clocks.has(functionNameOf(call))
export const isImmutableSource = (call: FuncCall): boolean => immutableSources.has(functionNameOf(call))
