import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { list, optionalCount, switched, text } from '../options.ts'
import { usualPage } from '../page-size.ts'

const options = {
  table: list('<name>', 'only of this table'),
  account: list('<id>', 'only of this account'),
  region: list('<region>', 'only in this region, or `global`'),
  name: text('<text>', 'only those whose name, id or key contains this'),
  tag: list(
    '<key=value>',
    'only those with this tag; `key` alone: with any value; a comma in it is written `\\,`',
  ),
  limit: optionalCount('<n>', 'show at most so many', usualPage),
  all: switched('show them all'),
}

export type ResourcesContext = CommandContext<typeof options>

export const resources: Command = defineCommand({
  name: 'resources',
  title: 'What was found in your accounts',
  options,
  json: true,
  examples: [
    ['stance resources', 'All of them, by table'],
    ['stance resources --table aws_s3_bucket --region eu-west-1', 'Buckets of a region'],
    ['stance resources --tag team=payments', 'By a tag'],
    ['stance query "select name, region from resource"', 'With SQL'],
  ],
  async run(context) {
    const { listResources } = await import('../print-resources.ts')
    return listResources(context)
  },
})
