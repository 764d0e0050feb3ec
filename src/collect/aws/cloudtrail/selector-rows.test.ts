import type { GetEventSelectorsResponse } from '@aws-sdk/client-cloudtrail'
import { expect, it } from 'vitest'
import type { Stored } from '../../../lake/stored.ts'
import { logsAll, toSelectorRows } from './selector-rows.ts'

type Answer = Stored<GetEventSelectorsResponse>
const s3 = 'AWS::S3::Object'

function judged(answer: Answer) {
  const rows = toSelectorRows(answer)
  return [
    logsAll(rows, 'reads', 'Management'),
    logsAll(rows, 'writes', 'Management'),
    logsAll(rows, 'reads', 'Data', s3),
    logsAll(rows, 'writes', 'Data', s3),
  ]
    .map((one) => (one ? 'yes' : 'no'))
    .join(' ')
}

const basic = (more: NonNullable<Answer['EventSelectors']>[number]): Answer => ({ EventSelectors: [more] })
const onBuckets = (...Values: string[]) => [{ Type: s3, Values }]
const field = (Field: string, ...Equals: string[]) => ({ Field, Equals })
const advanced = (
  ...FieldSelectors: NonNullable<NonNullable<Answer['AdvancedEventSelectors']>[number]['FieldSelectors']>
): Answer => ({
  AdvancedEventSelectors: [{ Name: 'one', FieldSelectors }],
})
const data = [field('eventCategory', 'Data'), field('resources.type', s3)]

it.each<[string, Answer, string]>([
  ['nothing', { EventSelectors: [] }, 'no no no no'],
  [
    'the default',
    basic({ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [] }),
    'yes yes no no',
  ],
  ['no word of management events', basic({ ReadWriteType: 'All' }), 'yes yes no no'],
  ['writes', basic({ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }), 'no yes no no'],
  [
    'reads of all buckets',
    basic({
      ReadWriteType: 'ReadOnly',
      IncludeManagementEvents: false,
      DataResources: onBuckets('arn:aws:s3'),
    }),
    'no no yes no',
  ],
  [
    'all buckets in the long form',
    basic({ IncludeManagementEvents: false, DataResources: onBuckets('arn:aws-cn:s3:::') }),
    'no no yes yes',
  ],
  [
    'one bucket',
    basic({ IncludeManagementEvents: false, DataResources: onBuckets('arn:aws:s3:::orders/') }),
    'no no no no',
  ],
  [
    'another service',
    basic({
      IncludeManagementEvents: false,
      DataResources: [{ Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda'] }],
    }),
    'no no no no',
  ],
  ['advanced: management', advanced(field('eventCategory', 'Management')), 'yes yes no no'],
  [
    'advanced: management, KMS left out',
    advanced(field('eventCategory', 'Management'), {
      Field: 'eventSource',
      NotEquals: ['kms.amazonaws.com'],
    }),
    'no no no no',
  ],
  [
    'advanced: management, SQL to databases left out',
    advanced(field('eventCategory', 'Management'), {
      Field: 'eventSource',
      NotEquals: ['rdsdata.amazonaws.com'],
    }),
    'yes yes no no',
  ],
  [
    'all but KMS and SQL to databases',
    basic({
      IncludeManagementEvents: true,
      ExcludeManagementEventSources: ['rdsdata.amazonaws.com', 'kms.amazonaws.com'],
    }),
    'no no no no',
  ],
  [
    'all but SQL to databases',
    basic({ IncludeManagementEvents: true, ExcludeManagementEventSources: ['rdsdata.amazonaws.com'] }),
    'yes yes no no',
  ],
  [
    'advanced: management of one service',
    advanced(field('eventCategory', 'Management'), field('eventSource', 'iam.amazonaws.com')),
    'no no no no',
  ],
  ['advanced: writes of all buckets', advanced(...data, field('readOnly', 'false')), 'no no no yes'],
  ['advanced: all buckets', advanced(...data), 'no no yes yes'],
  [
    'advanced: all buckets by the beginning of their ARN',
    advanced(...data, { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::'] }),
    'no no yes yes',
  ],
  [
    'advanced: one bucket',
    advanced(...data, { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::orders/'] }),
    'no no no no',
  ],
  [
    'advanced: all buckets but one',
    advanced(...data, { Field: 'resources.ARN', NotStartsWith: ['arn:aws:s3:::orders/'] }),
    'no no no no',
  ],
  ['advanced: certain names', advanced(...data, field('eventName', 'PutObject')), 'no no no no'],
])('a trail of %s', (_, answer, expected) => {
  expect(judged(answer)).toBe(expected)
})

it('reads and writes may come of two selectors', () => {
  const one = advanced(...data, field('readOnly', 'true')).AdvancedEventSelectors ?? []
  const two = advanced(...data, field('readOnly', 'false')).AdvancedEventSelectors ?? []
  expect(judged({ AdvancedEventSelectors: [...one, ...two] })).toBe('no no yes yes')
})

it('says what a selector leaves out and what it is narrowed by', () => {
  const rows = toSelectorRows(
    advanced(
      ...data,
      { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::a/', 'arn:aws:s3:::b/'] },
      field('eventName', 'GetObject'),
    ),
  )
  expect(rows.map((row) => row.resource_arn)).toEqual(['arn:aws:s3:::a/', 'arn:aws:s3:::b/'])
  expect(rows[0]).toMatchObject({
    is_all_resources: false,
    narrowed_by: 'resources.ARN StartsWith arn:aws:s3:::a/, arn:aws:s3:::b/; eventName Equals GetObject',
  })
  const [management] = toSelectorRows(
    advanced(field('eventCategory', 'Management'), {
      Field: 'eventSource',
      NotEquals: ['kms.amazonaws.com'],
    }),
  )
  expect(management).toMatchObject({ excluded_event_sources: 'kms.amazonaws.com', is_narrowed: false })
})
