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
