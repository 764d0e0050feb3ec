import type { AccountSeeder } from './account-seeder.ts'
import { policyText, type Statement } from './make-bucket.ts'

export const awsPolicy = (name: string) => `arn:aws:iam::aws:policy/${name}`

export interface UserPlan {
  name: string
  born: string
  team: string
  password?: { changed: string; used?: string }
  mfa?: boolean
  keys?: readonly { created: string; used?: string; service?: string; inactive?: boolean }[]
  groups?: readonly string[]
  attached?: readonly string[]
  inline?: Record<string, readonly Statement[]>
}

export async function makeUser(seeder: AccountSeeder, plan: UserPlan): Promise<void> {
  const { iam, id } = seeder
  const UserName = plan.name
  const { User } = await iam.createUser({ UserName, Tags: [{ Key: 'team', Value: plan.team }] })
  seeder.born(UserName, plan.born)
  if (plan.password !== undefined) {
    // Nobody's: the emulator is gone within the minute.
    await iam.createLoginProfile({ UserName, Password: 'For-the-emulator-only-1' })
    seeder.born(`${UserName}/password`, plan.password.changed)
  }
  if (plan.mfa) {
    const { VirtualMFADevice } = await iam.createVirtualMFADevice({ VirtualMFADeviceName: UserName })
    const SerialNumber = VirtualMFADevice?.SerialNumber ?? ''
    await iam.enableMFADevice({
      UserName,
      SerialNumber,
      AuthenticationCode1: '123456',
      AuthenticationCode2: '654321',
    })
    seeder.born(SerialNumber, plan.born)
  }
  for (const key of plan.keys ?? []) {
    const { AccessKey } = await iam.createAccessKey({ UserName })
    const AccessKeyId = AccessKey?.AccessKeyId ?? ''
    seeder.accessKey(AccessKeyId, key.created, key.used, key.service ?? 's3')
    if (key.inactive) await iam.updateAccessKey({ UserName, AccessKeyId, Status: 'Inactive' })
  }
  for (const GroupName of plan.groups ?? []) await iam.addUserToGroup({ UserName, GroupName })
  for (const PolicyArn of plan.attached ?? []) await iam.attachUserPolicy({ UserName, PolicyArn })
  for (const [PolicyName, statements] of Object.entries(plan.inline ?? {}))
    await iam.putUserPolicy({ UserName, PolicyName, PolicyDocument: policyText(statements) })
  seeder.credentials({
    user: UserName,
    arn: User?.Arn ?? `arn:aws:iam::${id}:user/${UserName}`,
    born: plan.born,
    password: plan.password && { changed: plan.password.changed, used: plan.password.used },
    mfa: plan.mfa ?? false,
    keys: (plan.keys ?? []).map(({ created, used, service = 's3', inactive = false }) => ({
      active: !inactive,
      created,
      used,
      service,
    })),
  })
}

export interface RolePlan {
  name: string
  born: string
  /** Whom it trusts. */
  trust: Statement | readonly Statement[]
  path?: string
  about?: string
  /** The day of its last use; never where it is left out. */
  used?: string
  attached?: readonly string[]
  inline?: Record<string, readonly Statement[]>
  boundary?: string
  /** Instances may carry it. */
  profile?: boolean
}

export async function makeRole(seeder: AccountSeeder, plan: RolePlan): Promise<void> {
  const { iam } = seeder
  const RoleName = plan.name
  await iam.createRole({
    RoleName,
    AssumeRolePolicyDocument: policyText([plan.trust].flat() as Statement[]),
    ...(plan.path === undefined ? {} : { Path: plan.path }),
    ...(plan.about === undefined ? {} : { Description: plan.about }),
    ...(plan.boundary === undefined ? {} : { PermissionsBoundary: plan.boundary }),
  })
  seeder.born(RoleName, plan.born)
  if (plan.used !== undefined) seeder.roleUsed(RoleName, plan.used)
  for (const PolicyArn of plan.attached ?? []) await iam.attachRolePolicy({ RoleName, PolicyArn })
  for (const [PolicyName, statements] of Object.entries(plan.inline ?? {}))
    await iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument: policyText(statements) })
  if (plan.profile) {
    await iam.createInstanceProfile({ InstanceProfileName: RoleName })
    await iam.addRoleToInstanceProfile({ InstanceProfileName: RoleName, RoleName })
  }
}

export async function makePolicy(
  seeder: AccountSeeder,
  name: string,
  born: string,
  statements: readonly Statement[],
): Promise<string> {
  const { Policy } = await seeder.iam.createPolicy({
    PolicyName: name,
    PolicyDocument: policyText(statements),
  })
  seeder.born(name, born)
  return Policy?.Arn ?? ''
}

export async function makeUserGroup(
  { iam, born }: AccountSeeder,
  GroupName: string,
  day: string,
  attached: readonly string[],
): Promise<void> {
  await iam.createGroup({ GroupName })
  born(GroupName, day)
  for (const PolicyArn of attached) await iam.attachGroupPolicy({ GroupName, PolicyArn })
}

/** Trust of an AWS service: `ec2.amazonaws.com`. */
export function service(...names: readonly string[]): Statement {
  return {
    Effect: 'Allow',
    Principal: { Service: names.length === 1 ? names[0] : names },
    Action: 'sts:AssumeRole',
  }
}

export const withMfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }

/** An account, and whomever it lets. */
export const rootOf = (id: string) => `arn:aws:iam::${id}:root`

/** Trust of another account, or of a role in it. */
export function account(arn: string, condition?: Statement['Condition']): Statement {
  const trusted: Statement = { Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole' }
  return condition === undefined ? trusted : { ...trusted, Condition: condition }
}
