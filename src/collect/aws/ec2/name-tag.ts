/** What the console shows as the name: the tag `Name`. */
export function nameTag(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): string | undefined {
  return tags?.find(({ Key }) => Key === 'Name')?.Value
}
