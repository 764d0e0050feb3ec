import type { MotoAccount } from '../setup/moto-account.ts'

/** Two buckets, one open to everybody and one closed, and a security group. */
export async function seedAccount(
  account: MotoAccount,
  { open, closed }: { open: string; closed: string },
): Promise<void> {
  const { S3Client, CreateBucketCommand, PutBucketPolicyCommand, PutPublicAccessBlockCommand } = await import(
    '@aws-sdk/client-s3'
  )
  const { EC2Client, CreateSecurityGroupCommand } = await import('@aws-sdk/client-ec2')
  const reach = { endpoint: account.url, region: 'us-east-1', credentials: account.credentials }
  const s3 = new S3Client({ ...reach, forcePathStyle: true })
  const ec2 = new EC2Client(reach)
  for (const Bucket of [open, closed]) await s3.send(new CreateBucketCommand({ Bucket }))
  const statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${open}/*`,
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await s3.send(new PutBucketPolicyCommand({ Bucket: open, Policy }))
  const all = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  }
  await s3.send(new PutPublicAccessBlockCommand({ Bucket: closed, PublicAccessBlockConfiguration: all }))
  await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }))
  s3.destroy()
  ec2.destroy()
}
