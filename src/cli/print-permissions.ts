import { wantedPermissions } from '../run/wanted-permissions.ts'
import type { PermissionsContext } from './commands/permissions-aws.ts'
import { counted } from './screen/show-value.ts'
import type { Cell } from './screen/table.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

export async function printPermissions({
  out,
  err,
  json,
  options,
  config,
}: PermissionsContext): Promise<number> {
  const { policies, permissions } = await wantedPermissions(config(), { rulesOnly: options.rulesOnly })
  if (options.why) {
    if (json) {
      await writeJsonList(out, asChunks(permissions), { total: permissions.length })
      return 0
    }
    out.table(
      [{ title: 'permission', whole: true }, { title: 'for' }],
      permissions.map(({ name, groups }): Cell[] => [
        { text: name, paint: out.palette.cyan },
        groups.join(', '),
      ]),
    )
    out.line()
    out.line(out.palette.bold(counted(permissions.length, 'permission')))
    return 0
  }
  if (policies.length === 1) out.json(policies[0])
  else out.json(policies)
  if (policies.length > 1)
    err.flow(
      err.palette.yellow(
        `These are ${policies.length} policies, because one may have 6,144 characters: attach each.`,
      ),
    )
  return 0
}
