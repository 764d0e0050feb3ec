import { IAM } from '@aws-sdk/client-iam'
import type { MotoAccount } from '../setup/moto-account.ts'
import { clientConfig } from './collect-table.ts'

const document = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })
const some = (Action: string) => document({ Action, Resource: '*' })
const Tags = [{ Key: 'team', Value: 'shop' }]

/** A user, group, role and policy that have everything, and one of each that has nothing. */
export async function seedIdentities(account: MotoAccount): Promise<void> {
  const iam = new IAM(clientConfig(account))
  const [deploy, edge] = await seedPolicies(iam)
  await seedGroup(iam, deploy)
  await seedUsers(iam, deploy)
  await seedRoles(iam, deploy, edge)
  await iam.updateAccountPasswordPolicy({
    MinimumPasswordLength: 14,
    RequireSymbols: true,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    AllowUsersToChangePassword: true,
    HardExpiry: true,
    MaxPasswordAge: 90,
    PasswordReusePrevention: 24,
  })
  iam.destroy()
}

async function seedPolicies(iam: IAM): Promise<[string, string]> {
  const make = async (PolicyName: string, more: object = {}) => {
    const made = await iam.createPolicy({ PolicyName, PolicyDocument: some('s3:GetObject'), ...more })
    return made.Policy!.Arn!
  }
  const deploy = await make('deploy', { Path: '/ci/', Description: 'for the pipeline', Tags })
  await iam.createPolicyVersion({ PolicyArn: deploy, PolicyDocument: some('*'), SetAsDefault: true })
  await make('aside')
  return [deploy, await make('edge')]
}

async function seedGroup(iam: IAM, PolicyArn: string): Promise<void> {
  const GroupName = 'developers'
  await iam.createGroup({ GroupName, Path: '/staff/' })
  await iam.createGroup({ GroupName: 'nobody' })
  await iam.attachGroupPolicy({ GroupName, PolicyArn })
  await iam.putGroupPolicy({ GroupName, PolicyName: 'some', PolicyDocument: some('s3:GetObject') })
}

async function seedUsers(iam: IAM, PolicyArn: string): Promise<void> {
  const UserName = 'ana'
  await iam.createUser({ UserName, Path: '/staff/', Tags })
  await iam.createUser({ UserName: 'ben' })
  await iam.addUserToGroup({ GroupName: 'developers', UserName })
  await iam.createLoginProfile({ UserName, Password: 'not-a-real-one-1A!' })
  const { VirtualMFADevice } = await iam.createVirtualMFADevice({ VirtualMFADeviceName: UserName })
  await iam.enableMFADevice({
    UserName,
    SerialNumber: VirtualMFADevice?.SerialNumber,
    AuthenticationCode1: '123456',
    AuthenticationCode2: '654321',
  })
  await iam.createAccessKey({ UserName })
  const { AccessKey } = await iam.createAccessKey({ UserName })
  await iam.updateAccessKey({ UserName, AccessKeyId: AccessKey?.AccessKeyId, Status: 'Inactive' })
  await iam.attachUserPolicy({ UserName, PolicyArn })
  await iam.putUserPolicy({ UserName, PolicyName: 'more', PolicyDocument: some('*') })
}

async function seedRoles(iam: IAM, PolicyArn: string, PermissionsBoundary: string): Promise<void> {
  const RoleName = 'web'
  const AssumeRolePolicyDocument = document({
    Principal: { Service: 'ec2.amazonaws.com' },
    Action: 'sts:AssumeRole',
  })
  await iam.createRole({
    RoleName,
    Path: '/aws-service-role/shop/',
    AssumeRolePolicyDocument,
    PermissionsBoundary,
    Description: 'of the web servers',
    MaxSessionDuration: 7200,
    Tags,
  })
  await iam.createRole({ RoleName: 'plain', AssumeRolePolicyDocument })
  for (const InstanceProfileName of ['web', 'old']) {
    await iam.createInstanceProfile({ InstanceProfileName, Path: '/shop/' })
    await iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName })
  }
  await iam.attachRolePolicy({ RoleName, PolicyArn })
  await iam.putRolePolicy({ RoleName, PolicyName: 'inline', PolicyDocument: some('ec2:*') })
}
