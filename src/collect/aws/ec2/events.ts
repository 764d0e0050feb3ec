/**
 * EC2's ids say by their beginning what they are; events that tag name many kinds at once.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function idsThatBegin(prefix: string): (found: string) => string | undefined {
  return (found) => (found.startsWith(prefix) ? found : undefined)
}

const tagged = 'requestParameters.resourcesSet.items.resourceId'

/** Every table's ids are among those that these name; `idsThatBegin` tells them apart. */
export const tagEvents = { CreateTags: tagged, DeleteTags: tagged }

/** Several events with their id in the same place. */
export function eventsAt(
  path: string | readonly string[],
  names: readonly string[],
): Record<string, string | readonly string[]> {
  return Object.fromEntries(names.map((name) => [name, path]))
}
