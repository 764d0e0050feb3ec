import type { WrittenAnswers } from './check-columns.ts'

// Written by hand after the IAM, Organizations and Account API references, not recorded.

const trust = (...Statement: object[]) =>
  encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement }))
const admin = { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }
const read = { PolicyName: 'ReadOnlyAccess', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }
const boundary = {
  PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
  PermissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/edge',
}
const inline = (...names: string[]) => ({
  Policies: names.map((PolicyName) => ({
    PolicyName,
    PolicyDocument: trust({
      Effect: 'Allow',
      Action: PolicyName === 'all' ? '*' : `${PolicyName}:*`,
      Resource: '*',
    }),
  })),
})

const roles: WrittenAnswers[] = [
  {
    list: {
      Path: '/aws-service-role/',
      RoleName: 'web',
      RoleId: 'AROAEXAMPLEWEB',
      Arn: 'arn:aws:iam::111122223333:role/web',
      CreateDate: '2026-01-01T00:00:00.000Z',
      AssumeRolePolicyDocument: trust({
        Effect: 'Allow',
        Principal: { Service: 'ec2.amazonaws.com' },
        Action: 'sts:AssumeRole',
      }),
      RoleLastUsed: { LastUsedDate: '2026-02-01T00:00:00.000Z', Region: 'eu-west-1' },
      InlinePolicyNames: ['s3'],
      InstanceProfileList: [
        { InstanceProfileName: 'web', Arn: 'arn:aws:iam::111122223333:instance-profile/web' },
        { InstanceProfileName: 'old', Arn: 'arn:aws:iam::111122223333:instance-profile/old' },
      ],
    },
    boundary: { PermissionsBoundary: boundary },
    attached_policies: { AttachedManagedPolicies: [admin, read] },
    inline_policies: inline('s3', 'all'),
  },
  {
    list: {
      RoleName: 'plain',
      RoleId: 'AROAEXAMPLEPLAIN',
      Arn: 'arn:aws:iam::111122223333:role/plain',
      CreateDate: '2026-01-02T00:00:00.000Z',
      AssumeRolePolicyDocument: trust(),
      InlinePolicyNames: [],
    },
    boundary: {},
    attached_policies: { AttachedManagedPolicies: [] },
    inline_policies: inline(),
  },
]

const users: WrittenAnswers[] = [
  {
    list: {
      Path: '/staff/',
      UserName: 'ana',
      UserId: 'AIDAEXAMPLEANA',
      Arn: 'arn:aws:iam::111122223333:user/staff/ana',
      CreateDate: '2026-01-01T00:00:00.000Z',
      InlinePolicyNames: ['s3'],
    },
    credentials: {
      password_enabled: 'true',
      mfa_active: 'true',
      password_last_used: '2026-02-01T00:00:00+00:00',
      password_last_changed: '2026-01-01T00:00:00+00:00',
      access_key_1_active: 'true',
      access_key_1_last_rotated: '2026-01-01T00:00:00+00:00',
      access_key_1_last_used_date: '2026-02-01T00:00:00+00:00',
      access_key_2_active: 'true',
      access_key_2_last_rotated: '2026-01-01T00:00:00+00:00',
      access_key_2_last_used_date: '2026-02-01T00:00:00+00:00',
      cert_1_active: 'true',
    },
    memberships: { GroupList: ['developers', 'auditors'] },
    boundary: { PermissionsBoundary: boundary },
    attached_policies: { AttachedManagedPolicies: [admin, read] },
    inline_policies: inline('s3', 'all'),
  },
  {
    list: {
      UserName: 'ben',
      UserId: 'AIDAEXAMPLEBEN',
      Arn: 'arn:aws:iam::111122223333:user/ben',
      CreateDate: '2026-01-02T00:00:00.000Z',
      InlinePolicyNames: [],
    },
    credentials: {
      password_enabled: 'not_supported',
      mfa_active: 'false',
      password_last_used: 'N/A',
      password_last_changed: 'not_supported',
      access_key_1_active: 'false',
      access_key_1_last_rotated: 'N/A',
      access_key_1_last_used_date: 'no_information',
      access_key_2_active: 'false',
      access_key_2_last_rotated: 'N/A',
      access_key_2_last_used_date: 'N/A',
      cert_1_active: 'false',
      cert_2_active: 'false',
    },
    memberships: { GroupList: [] },
    boundary: {},
    attached_policies: { AttachedManagedPolicies: [] },
    inline_policies: inline(),
  },
]

const groups: WrittenAnswers[] = [
  {
    list: {
      Path: '/staff/',
      GroupName: 'developers',
      GroupId: 'AGPAEXAMPLEDEVELOPERS',
      Arn: 'arn:aws:iam::111122223333:group/staff/developers',
      CreateDate: '2026-01-01T00:00:00.000Z',
      InlinePolicyNames: ['s3'],
    },
    attached_policies: { AttachedManagedPolicies: [admin, read] },
    inline_policies: inline('s3', 'all'),
  },
  {
    list: {
      GroupName: 'plain',
      GroupId: 'AGPAEXAMPLEPLAIN',
      Arn: 'arn:aws:iam::111122223333:group/plain',
      CreateDate: '2026-01-02T00:00:00.000Z',
      InlinePolicyNames: [],
    },
    attached_policies: { AttachedManagedPolicies: [] },
    inline_policies: inline(),
  },
]

const policies: WrittenAnswers[] = [
  {
    list: {
      PolicyName: 'deploy',
      PolicyId: 'ANPAEXAMPLEDEPLOY',
      Arn: 'arn:aws:iam::111122223333:policy/ci/deploy',
      Path: '/ci/',
      Description: 'for the pipeline',
      DefaultVersionId: 'v2',
      AttachmentCount: 3,
      PermissionsBoundaryUsageCount: 1,
      IsAttachable: true,
      CreateDate: '2026-01-01T00:00:00.000Z',
      UpdateDate: '2026-01-02T00:00:00.000Z',
    },
    document: {
      VersionId: 'v2',
      IsDefaultVersion: true,
      CreateDate: '2026-01-02T00:00:00.000Z',
      Document: trust({ Effect: 'Allow', Action: '*', Resource: '*' }),
    },
  },
  {
    list: {
      PolicyName: 'ReadOnlyAccess',
      PolicyId: 'ANPAEXAMPLEREAD',
      Arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      DefaultVersionId: 'v1',
      IsAttachable: false,
      CreateDate: '2025-01-01T00:00:00.000Z',
      UpdateDate: '2025-01-02T00:00:00.000Z',
    },
    document: {
      VersionId: 'v1',
      CreateDate: '2025-01-02T00:00:00.000Z',
      Document: trust({ Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' }),
    },
  },
  {
    list: {
      Arn: 'arn:aws:iam::111122223333:policy/aside',
      DefaultVersionId: 'v1',
      CreateDate: '2025-01-01T00:00:00.000Z',
      UpdateDate: '2025-01-02T00:00:00.000Z',
    },
    document: { VersionId: 'v1', CreateDate: '2025-01-02T00:00:00.000Z', Document: trust() },
  },
]

const keys: WrittenAnswers[] = [
  {
    list: {
      UserName: 'ana',
      AccessKeyId: 'AKIAEXAMPLEANA',
      Status: 'Active',
      CreateDate: '2026-01-01T00:00:00.000Z',
    },
    last_used: {
      UserName: 'ana',
      AccessKeyLastUsed: { LastUsedDate: '2026-02-01T00:00:00.000Z', ServiceName: 's3', Region: 'eu-west-1' },
    },
  },
  {
    list: {
      UserName: 'ben',
      AccessKeyId: 'AKIAEXAMPLEBEN',
      Status: 'Inactive',
      CreateDate: '2026-01-02T00:00:00.000Z',
    },
    last_used: { UserName: 'ben', AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } },
  },
]

const passwords: WrittenAnswers[] = [
  {
    list: {
      MinimumPasswordLength: 14,
      RequireSymbols: true,
      RequireNumbers: true,
      RequireUppercaseCharacters: true,
      RequireLowercaseCharacters: true,
      AllowUsersToChangePassword: true,
      HardExpiry: true,
      MaxPasswordAge: 90,
      PasswordReusePrevention: 24,
    },
  },
  { list: {} },
]

const accounts: WrittenAnswers[] = [
  {
    list: { Id: '111122223333', Name: 'production' },
    summary: {
      SummaryMap: {
        AccountMFAEnabled: 1,
        AccountAccessKeysPresent: 1,
        AccountPasswordPresent: 1,
        Users: 3,
        Roles: 9,
      },
    },
    virtual_mfa: [{ SerialNumber: 'arn:aws:iam::111122223333:mfa/root-account-mfa-device' }],
    root_use: {
      password_last_used: '2025-03-01T10:00:00+00:00',
      access_key_1_last_used_date: '2026-02-01T10:00:00+00:00',
      access_key_2_last_used_date: 'N/A',
    },
    security_contact: { EmailAddress: 'security@example.com' },
  },
  {
    list: { Id: '111122223333' },
    summary: { SummaryMap: { AccountMFAEnabled: 0, AccountAccessKeysPresent: 0, AccountPasswordPresent: 0 } },
    virtual_mfa: [],
    root_use: { password_last_used: 'no_information', access_key_1_last_used_date: 'N/A' },
    security_contact: null,
  },
]

const regions: WrittenAnswers[] = [
  {
    list: { RegionName: 'eu-west-1', OptInStatus: 'opted-in' },
    ebs_encryption: { EbsEncryptionByDefault: true },
    ebs_key: { KmsKeyId: 'alias/aws/ebs' },
    snapshot_block: { State: 'block-all-sharing' },
    serial_console: { SerialConsoleAccessEnabled: true },
    metadata_defaults: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
  },
  {
    list: { RegionName: 'us-east-1' },
    ebs_encryption: { EbsEncryptionByDefault: false },
    ebs_key: { KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' },
    snapshot_block: { State: 'unblocked' },
    serial_console: { SerialConsoleAccessEnabled: false },
    metadata_defaults: {},
  },
]

const members: WrittenAnswers[] = [
  {
    list: {
      Id: '111122223333',
      Arn: 'arn:aws:organizations::444455556666:account/o-example/111122223333',
      Name: 'production',
      Email: 'production@example.com',
      State: 'SUSPENDED',
      JoinedMethod: 'CREATED',
      JoinedTimestamp: '2025-01-01T00:00:00.000Z',
    },
  },
  {
    list: {
      Id: '222233334444',
      Arn: 'arn:aws:organizations::444455556666:account/o-example/222233334444',
      State: 'ACTIVE',
      JoinedTimestamp: '2025-02-01T00:00:00.000Z',
    },
  },
]

export const written: Record<string, WrittenAnswers[]> = {
  aws_iam_role: roles,
  aws_iam_user: users,
  aws_iam_group: groups,
  aws_iam_policy: policies,
  aws_iam_access_key: keys,
  aws_iam_account_password_policy: passwords,
  aws_account: accounts,
  aws_region: regions,
  aws_organizations_account: members,
}
