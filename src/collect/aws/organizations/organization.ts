import { text } from '../../../lake/columns.ts'
import { defineTable } from '../../../lake/define-table.ts'

/** What the planner knows of an organization. */
interface PlannedOrganization {
  Id: string
}

/** The organization itself: what is said of lists of its that could not be read stands on its row. */
export const organizationsOrganization = defineTable<{ list: PlannedOrganization }>({
  name: 'aws_organizations_organization',
  title: 'AWS organization',
  docs: 'https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html',
  provider: 'aws',
  via: 'aws',
  service: 'organizations',
  parts: 'global',
  belongs_to: 'organization',
  planned: 'organization',
  identity: {
    key: 'arn:{$partition}:organizations:::organization/{Id}',
    native_id: 'Id',
    name: 'Id',
  },
  list: {
    columns: {
      organization_id: text('Id'),
      cloud_partition: text((_, place) => place.partition),
    },
  },
  groups: {},
})
