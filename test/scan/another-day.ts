import type { Recording } from '../../src/collect/transport/read-recording.ts'

/** The estate as it is another day: settings turned, public addresses taken away, a bucket, a volume and a flow log gone. */
const changes: Record<string, (body: string, region: string) => string> = {
  ListBuckets: (body) =>
    body.replace(/<Bucket>(?:(?!<\/Bucket>)[\s\S])*<Name>larkspur-plain<[\s\S]*?<\/Bucket>/, ''),
  GetAccountSummary: (body) =>
    body.replace(
      /(<key>AccountMFAEnabled<\/key>\s*<value>)(\d)/,
      (_, key, value) => key + (1 - Number(value)),
    ),
  DescribeSecurityGroups: (body) => body.replaceAll('<toPort>22<', '<toPort>3389<'),
  // What was public by an address is no longer.
  DescribeNetworkInterfaces: withoutAddresses,
  DescribeInstances: (body) =>
    withoutAddresses(body).replaceAll(/<httpTokens>(required|optional)</g, (_, was) =>
      was === 'required' ? '<httpTokens>optional<' : '<httpTokens>required<',
    ),
  DescribeFlowLogs: (body, region) => (region === 'us-east-1' ? emptied(body, 'flowLogSet') : body),
  DescribeVolumes: (body, region) =>
    region === 'us-east-1'
      ? emptied(body, 'volumeSet')
      : body.replaceAll(/<encrypted>\w+</g, '<encrypted>true<'),
  GetBucketVersioning: (body) => body.replaceAll('Enabled', 'Suspended'),
}

export function anotherDay(exchanges: Recording['exchanges']): Recording['exchanges'] {
  return exchanges.map((exchange) => {
    const { body, region, operation } = exchange
    const change = changes[operation]
    return change === undefined || typeof body !== 'string'
      ? exchange
      : { ...exchange, body: change(body, region) }
  })
}

function withoutAddresses(body: string): string {
  return body.replaceAll(/<association>[\s\S]*?<\/association>/g, '')
}

function emptied(body: string, list: string): string {
  return body.replace(new RegExp(`<${list}>[\\s\\S]*</${list}>`), `<${list}></${list}>`)
}
