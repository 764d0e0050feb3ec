import { defineSource } from '../../../lake/define-table.ts'

/** All aliases of a region, a hundred a page: one call instead of one for each key. */
export const aliases = defineSource({
  name: 'aws_kms_aliases',
  title: 'KMS aliases of a region',
  provider: 'aws',
  via: 'aws',
  service: 'kms',
  parts: 'region',
  read: {
    operation: 'ListAliases',
    input: { Limit: 100 },
    pages: { out: 'NextMarker', in: 'Marker', more: 'Truncated' },
    permission: 'kms:ListAliases',
  },
  whole: 'last page',
})
