import { defineSource } from '../../../lake/define-table.ts'

/** Users, groups, roles and managed policies with their documents, a thousand a page. */
export const authorizationDetails = defineSource({
  name: 'aws_iam_authorization_details',
  title: 'IAM account authorization details',
  provider: 'aws',
  via: 'aws',
  service: 'iam',
  parts: 'global',
  read: {
    operation: 'GetAccountAuthorizationDetails',
    input: { MaxItems: 1000 },
    pages: { out: 'Marker', in: 'Marker', more: 'IsTruncated' },
    permission: 'iam:GetAccountAuthorizationDetails',
  },
  whole: 'last page',
})
