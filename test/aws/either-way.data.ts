import type { TransportAnswer } from '../../src/collect/kernel/transport.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { WrittenWires } from './collect-table.ts'

// Written by hand after the EC2, IAM and CloudTrail API references, not recorded: what the emulator leaves out of its
// answers, or of one of two.

/** By the end of its ARN; the emulator says no id in bulk, and draws one where a policy is read by itself. */
const policies: Record<string, JsonObject> = {
  deploy: { PolicyName: 'deploy', PolicyId: 'ANPAEXAMPLEDEPLOY', PermissionsBoundaryUsageCount: 0 },
  aside: { PolicyName: 'aside', PolicyId: 'ANPAEXAMPLEASIDE', PermissionsBoundaryUsageCount: 0 },
  edge: { PolicyName: 'edge', PolicyId: 'ANPAEXAMPLEEDGE', PermissionsBoundaryUsageCount: 2 },
}

const roles: Record<string, JsonObject> = {
  web: { RoleLastUsed: { LastUsedDate: '2026-02-01T00:00:00.000Z', Region: 'eu-west-1' } },
}

/** The emulator forgets a user's boundary. */
const users: Record<string, (accountId: string) => JsonObject> = {
  ana: (accountId) => ({
    PermissionsBoundary: {
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: `arn:aws:iam::${accountId}:policy/edge`,
    },
  }),
}

export const written: WrittenWires = {
  GetAccountAuthorizationDetails: answered((body) => ({
    ...body,
    UserDetailList: each(body.UserDetailList, asWritten),
    RoleDetailList: each(body.RoleDetailList, asWritten),
    Policies: each(body.Policies, asWritten),
  })),
  GetUser: answered(({ User }) => ({ User: asWritten(User as JsonObject) })),
  GetRole: answered(({ Role }) => ({ Role: asWritten(Role as JsonObject) })),
  GetPolicyVersion: answered(({ PolicyVersion }) => ({
    PolicyVersion: encoded(PolicyVersion as JsonObject),
  })),
  GetPolicy: answered(({ Policy }) => ({ Policy: asWritten(Policy as JsonObject) })),
  // The emulator's trails delivered just now, whenever it is asked.
  GetTrailStatus: answered(({ LatestDeliveryTime, ...status }) => ({
    ...status,
    ...(LatestDeliveryTime === undefined ? {} : { LatestDeliveryTime: '2026-02-01T00:00:00.000Z' }),
  })),
  GetEbsDefaultKmsKeyId: whole({ KmsKeyId: 'alias/aws/ebs' }),
  GetSnapshotBlockPublicAccessState: whole({ State: 'block-all-sharing' }),
  GetSerialConsoleAccessStatus: whole({ SerialConsoleAccessEnabled: true }),
  GetInstanceMetadataDefaults: whole({
    AccountLevel: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
  }),
}

/** The emulator does not know the operation. */
function whole(body: JsonObject) {
  return (): TransportAnswer => ({ ok: true, body })
}

function answered(rewrite: (body: JsonObject) => JsonObject) {
  return (answer: TransportAnswer): TransportAnswer =>
    answer.ok ? { ...answer, body: rewrite(answer.body) } : answer
}

function each(rows: Json | undefined, rewrite: (row: JsonObject) => JsonObject): Json {
  return (rows as JsonObject[]).map(rewrite)
}

/** A user, role or policy of either answer, with what is written of it. */
function asWritten(row: JsonObject): JsonObject {
  const [, , , , accountId = '', path = ''] = String(row.Arn).split(':')
  const name = path.split('/').at(-1) ?? ''
  const known = { policy: policies[name], role: roles[name], user: users[name]?.(accountId) }
  const versions = row.PolicyVersionList
  return {
    ...encoded(row),
    ...(versions === undefined ? {} : { PolicyVersionList: each(versions, encoded) }),
    ...known[path.split('/')[0] as keyof typeof known],
  }
}

/** Documents URL-encoded, as IAM sends them either way; the emulator does so of some. */
function encoded(row: JsonObject): JsonObject {
  const done = { ...row }
  for (const name of ['AssumeRolePolicyDocument', 'Document']) {
    const text = row[name]
    if (typeof text !== 'string') continue
    done[name] = encodeURIComponent(text.startsWith('{') ? text : decodeURIComponent(text))
  }
  return done
}
