import type { Place } from '../../../lake/columns.ts'

/** EC2 leaves most ARNs out of its answers; they are made as the Service Authorization Reference writes them. */
export function ec2Arn(
  place: Place,
  kind: string,
  id: string | undefined,
  owner: string | undefined = place.account_id,
): string {
  return `arn:${place.partition}:ec2:${place.region}:${owner}:${kind}/${id}`
}

/** Whose it is: what AWS does not say would pass for the account's own. */
export function ownerOf({ OwnerId }: { OwnerId?: string | undefined }): string {
  if (OwnerId === undefined || OwnerId === '') throw new TypeError('the row has no OwnerId')
  return OwnerId
}
