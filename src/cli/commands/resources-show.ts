import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { list, switched } from '../options.ts'

const options = {
  account: list('<id>', 'where several have the name: only in this account'),
  table: list('<name>', 'where several have the name: only of this table'),
  region: list('<region>', 'where several have the name: only in this region'),
  history: switched('all versions with every difference, instead of the last few'),
}

export type ResourceContext = CommandContext<typeof options>

export const resourcesShow: Command = defineCommand({
  name: 'resources show',
  title: 'One resource: its document, findings, history, coverage',
  about: `The document is the provider's own JSON, by the read (group) that gave it; secrets in it were replaced before it was stored.`,
  arguments: [{ name: 'resource', title: "a resource's key (ARN), id or name" }],
  options,
  json: true,
  examples: [
    ['stance resources show acme-invoices', 'By name'],
    ['stance resources show arn:aws:s3:::acme-invoices --history', 'By key, with all that changed'],
  ],
  async run(context) {
    const { printResource } = await import('../print-resource.ts')
    return printResource(context)
  },
})
