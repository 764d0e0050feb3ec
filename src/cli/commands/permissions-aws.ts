import { type Command, type CommandContext, defineCommand } from '../define-command.ts'
import { switched } from '../options.ts'

const options = {
  rulesOnly: switched('only what enabled rules read, without the inventory'),
  why: switched('a table of permissions with what each is for, instead of the policy'),
}

export type PermissionsContext = CommandContext<typeof options>

export const permissionsAws: Command = defineCommand({
  name: 'permissions aws',
  title: 'The least-privilege IAM policy for what is enabled',
  about: `Prints the policy to attach to the role or user that Stance reads with: read actions only, and no more than the enabled rules and tables need. Where one policy would be longer than AWS allows there are several, each to be attached.`,
  options,
  json: true,
  examples: [
    [
      'stance permissions aws > stance-policy.json',
      'For `aws iam create-policy --policy-document file://stance-policy.json`',
    ],
    ['stance permissions aws --why', 'What each permission is for'],
  ],
  async run(context) {
    const { printPermissions } = await import('../print-permissions.ts')
    return printPermissions(context)
  },
})
