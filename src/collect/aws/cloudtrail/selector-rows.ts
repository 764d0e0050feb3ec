import type {
  AdvancedEventSelector,
  AdvancedFieldSelector,
  EventSelector,
  GetEventSelectorsResponse,
} from '@aws-sdk/client-cloudtrail'
import type { Stored } from '../../../lake/stored.ts'

/** What one selector logs of one kind of events; basic and advanced selectors in one form. */
export interface SelectorRow {
  selector_name: string
  is_advanced: boolean
  event_category: string
  logs_reads: boolean
  logs_writes: boolean
  resource_type: string
  resource_arn: string
  is_all_resources: boolean
  excluded_event_sources: string
  narrowed_by: string
  is_narrowed: boolean
}

/** Every trail has selectors of one of the two kinds. */
export function toSelectorRows(selectors: Stored<GetEventSelectorsResponse>): SelectorRow[] {
  if (selectors.EventSelectors === undefined && selectors.AdvancedEventSelectors === undefined)
    throw new TypeError('there are no selectors in it')
  return [
    ...(selectors.EventSelectors ?? []).flatMap(ofBasic),
    ...(selectors.AdvancedEventSelectors ?? []).flatMap(ofAdvanced),
  ]
}

function ofBasic(selector: Stored<EventSelector>): SelectorRow[] {
  const type = selector.ReadWriteType ?? 'All'
  const excluded = selector.ExcludeManagementEventSources ?? []
  const row: SelectorRow = {
    selector_name: '',
    is_advanced: false,
    event_category: 'Management',
    logs_reads: type !== 'WriteOnly',
    logs_writes: type !== 'ReadOnly',
    resource_type: '',
    resource_arn: '',
    is_all_resources: true,
    excluded_event_sources: '',
    narrowed_by: '',
    is_narrowed: false,
  }
  const management = { ...row, excluded_event_sources: excluded.join(', ') }
  const data = (selector.DataResources ?? []).flatMap(({ Type, Values }) =>
    (Values ?? []).map((arn) => ({
      ...row,
      event_category: 'Data',
      resource_type: Type ?? '',
      resource_arn: arn,
      is_all_resources: isWholeService(arn),
      is_narrowed: !isWholeService(arn),
    })),
  )
  return selector.IncludeManagementEvents === false ? data : [management, ...data]
}

/**
 * All field selectors of an advanced one must fit. Those that say which events are meant become columns; the
 * others narrow it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
 */
function ofAdvanced(selector: Stored<AdvancedEventSelector>): SelectorRow[] {
  const fields = selector.FieldSelectors ?? []
  if (fields.some((one) => operators.every((operator) => (one[operator]?.length ?? 0) === 0)))
    throw new TypeError('a field selector compares with nothing')
  const equals = (name: string) =>
    fields.filter((one) => one.Field === name).flatMap((one) => one.Equals ?? [])
  const category = equals('eventCategory')[0] ?? ''
  const readOnly = equals('readOnly')
  const sources = fields.filter((one) => one.Field === 'eventSource')
  const excluded = sources.filter(onlyExcludes).flatMap((one) => one.NotEquals ?? [])
  const arns = fields.filter((one) => one.Field === 'resources.ARN')
  const others = fields.filter(
    (one) =>
      !['eventCategory', 'readOnly', 'resources.type', 'resources.ARN'].includes(one.Field ?? '') &&
      !(one.Field === 'eventSource' && category === 'Management' && onlyExcludes(one)),
  )
  const types = equals('resources.type')
  const meant = arns.map((one) => ({ ...one, isAll: isAllArns(one) }))
  const named = meant
    .filter((one) => !one.isAll)
    .flatMap((one) => [...(one.Equals ?? []), ...(one.StartsWith ?? [])])
  const narrowing = [...meant.filter((one) => !one.isAll), ...others].map(toText)
  return (types.length === 0 ? [''] : types).flatMap((resource_type) =>
    (named.length === 0 ? [''] : named).map((resource_arn) => ({
      selector_name: selector.Name ?? '',
      is_advanced: true,
      event_category: category,
      logs_reads: readOnly.length === 0 || readOnly.includes('true'),
      logs_writes: readOnly.length === 0 || readOnly.includes('false'),
      resource_type,
      resource_arn,
      is_all_resources: meant.every((one) => one.isAll),
      excluded_event_sources: category === 'Management' ? excluded.join(', ') : '',
      narrowed_by: narrowing.join('; '),
      is_narrowed: narrowing.length > 0,
    })),
  )
}

type Field = Stored<AdvancedFieldSelector>
const operators = ['Equals', 'StartsWith', 'EndsWith', 'NotEquals', 'NotStartsWith', 'NotEndsWith'] as const

function onlyExcludes(field: Field): boolean {
  return operators.every((operator) => operator === 'NotEquals' || (field[operator]?.length ?? 0) === 0)
}

/** `resources.ARN` begins with what the ARNs of all resources begin with. */
function isAllArns(field: Field): boolean {
  const used = operators.filter((operator) => (field[operator]?.length ?? 0) > 0)
  return used.join() === 'StartsWith' && (field.StartsWith ?? []).some(isWholeService)
}

/** `arn:aws:s3`, `arn:aws:s3:::`, `arn:aws:lambda`, `arn:aws:dynamodb`: every resource of the service. */
function isWholeService(arn: string): boolean {
  return /^arn:[\w-]+(?::[\w-]+:{0,3})?$/.test(arn)
}

function toText(field: Field): string {
  return operators
    .flatMap((operator) => {
      const values = field[operator] ?? []
      return values.length === 0 ? [] : [`${field.Field} ${operator} ${values.join(', ')}`]
    })
    .join('; ')
}

/** Of the sources that a selector may leave out, the one that changes nothing in AWS: SQL that is sent to databases. */
const unimportant = new Set(['', 'rdsdata.amazonaws.com'])

/** Does the trail log these of all management events, or of all events of a type of resources? */
export function logsAll(
  rows: readonly SelectorRow[],
  kind: 'reads' | 'writes',
  category: 'Management' | 'Data',
  resourceType = '',
): boolean {
  return rows.some(
    (row) =>
      row.event_category === category &&
      row.resource_type === resourceType &&
      !row.is_narrowed &&
      row.excluded_event_sources.split(', ').every((source) => unimportant.has(source)) &&
      (kind === 'reads' ? row.logs_reads : row.logs_writes),
  )
}
