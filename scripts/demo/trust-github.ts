import type { AccountSeeder } from './account-seeder.ts'
import type { Statement } from './make-bucket.ts'

const issuer = 'token.actions.githubusercontent.com'

export async function meetGithub({ iam }: AccountSeeder): Promise<void> {
  await iam.createOpenIDConnectProvider({
    Url: `https://${issuer}`,
    ClientIDList: ['sts.amazonaws.com'],
    ThumbprintList: ['6938fd4d98bab03faadb97b34396831e3780aea1'],
  })
}

/** Trust of workflows: of any repository of anybody, unless it says of which. */
export function trustGithub({ id }: AccountSeeder, repository?: string): Statement {
  return {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::${id}:oidc-provider/${issuer}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com' },
      ...(repository === undefined ? {} : { StringLike: { [`${issuer}:sub`]: repository } }),
    },
  }
}
