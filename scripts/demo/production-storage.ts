import type { AccountSeeder } from './account-seeder.ts'
import { accounts, buckets, canonicalIds } from './estate.ts'
import { type BucketPlan, makeBucket, objectsOf } from './make-bucket.ts'
import { makeKey } from './make-key.ts'

export interface ProductionKeys {
  orders: string
  exports: string
  /** Soon to be gone. */
  oldPayments: string
}

export async function makeProductionKeys(seeder: AccountSeeder): Promise<ProductionKeys> {
  const region = 'eu-west-1'
  const orders = await makeKey(seeder, region, {
    alias: 'orders',
    about: 'Orders at rest',
    born: '2024-11-12',
    rotated: true,
  })
  await makeKey(seeder, region, {
    alias: 'customer-data',
    about: 'Names and addresses',
    born: '2024-11-12',
    rotated: true,
    multiRegion: true,
  })
  const exports = await makeKey(seeder, region, {
    alias: 'exports',
    about: 'Monthly exports, also read by the supplier of prices',
    born: '2025-03-03',
    policy: [
      {
        Sid: 'SupplierOfPrices',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accounts.supplier}:root` },
        Action: ['kms:Decrypt', 'kms:DescribeKey'],
        Resource: '*',
      },
    ],
  })
  await makeKey(seeder, region, { alias: 'legacy-erp', about: 'Old ERP', born: '2024-11-18' })
  await makeKey(seeder, region, {
    alias: 'invoice-signing',
    about: 'Signs invoices',
    born: '2025-05-06',
    signs: true,
  })
  const oldPayments = await makeKey(seeder, region, {
    alias: 'old-payments',
    about: 'Payments before the vault',
    born: '2024-11-19',
    deletedInDays: 20,
  })
  await makeKey(seeder, region, {
    alias: 'newsletter',
    about: 'Newsletter addresses',
    born: '2025-10-14',
    rotated: true,
    policy: [
      {
        Sid: 'Everyone',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Decrypt', 'kms:Encrypt'],
        Resource: '*',
      },
    ],
  })
  await makeKey(seeder, 'eu-central-1', {
    alias: 'backups',
    about: 'Backups in Frankfurt',
    born: '2025-01-20',
    rotated: true,
  })
  return { orders, exports, oldPayments }
}

export async function makeProductionBuckets(seeder: AccountSeeder, keys: ProductionKeys): Promise<void> {
  const shared = { region: 'eu-west-1', environment: 'production' }
  const plans: BucketPlan[] = [
    {
      ...shared,
      name: buckets.accessLogs,
      born: '2024-11-11',
      team: 'platform',
      blocked: true,
      acl: 'log-delivery-write',
      lifecycleDays: 400,
      tlsOnly: true,
    },
    {
      ...shared,
      name: 'larkspur-orders',
      born: '2024-11-13',
      team: 'orders',
      blocked: true,
      tlsOnly: true,
      versioned: true,
      encryption: keys.orders,
      logsTo: buckets.accessLogs,
    },
    {
      ...shared,
      name: 'larkspur-invoices',
      born: '2024-11-13',
      team: 'finance-it',
      blocked: true,
      tlsOnly: true,
      versioned: true,
      locked: true,
      logsTo: buckets.accessLogs,
    },
    {
      ...shared,
      name: 'larkspur-shop-media',
      born: '2024-11-14',
      team: 'storefront',
      blocked: true,
      tlsOnly: true,
      versioned: true,
      logsTo: buckets.accessLogs,
      policy: [
        {
          Sid: 'OnlyThroughTheCdn',
          Effect: 'Allow',
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Action: 's3:GetObject',
          Resource: objectsOf('larkspur-shop-media'),
          Condition: {
            StringEquals: {
              'AWS:SourceArn': `arn:aws:cloudfront::${accounts.production}:distribution/E2LARKSPURSHOP`,
            },
          },
        },
      ],
    },
    {
      ...shared,
      name: 'larkspur-press',
      born: '2025-02-03',
      team: 'marketing',
      website: true,
      policy: [
        {
          Sid: 'PressPhotos',
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: objectsOf('larkspur-press'),
        },
      ],
    },
    {
      ...shared,
      name: 'larkspur-customer-exports',
      born: '2025-03-17',
      team: 'finance-it',
      encryption: keys.exports,
      policy: [
        {
          Sid: 'TemporaryForTheAuditors',
          Effect: 'Allow',
          Principal: '*',
          Action: ['s3:GetObject', 's3:ListBucket'],
          Resource: ['arn:aws:s3:::larkspur-customer-exports', objectsOf('larkspur-customer-exports')],
        },
      ],
    },
    { ...shared, name: 'larkspur-catalogue-2024', born: '2024-11-27', team: 'marketing', acl: 'public-read' },
    {
      ...shared,
      name: 'larkspur-supplier-dropbox',
      born: '2024-12-09',
      team: 'pricing',
      acl: 'public-read-write',
    },
    {
      ...shared,
      name: 'larkspur-price-feed',
      born: '2025-06-24',
      team: 'pricing',
      blocked: true,
      tlsOnly: true,
      versioned: true,
      policy: [
        {
          Sid: 'SupplierReads',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${accounts.supplier}:role/price-feed-reader` },
          Action: ['s3:GetObject', 's3:ListBucket'],
          Resource: ['arn:aws:s3:::larkspur-price-feed', objectsOf('larkspur-price-feed')],
        },
      ],
    },
    {
      ...shared,
      name: 'larkspur-returns-labels',
      born: '2025-07-08',
      team: 'orders',
      grantRead: canonicalIds[accounts.supplier]!,
      blocked: false,
    },
    {
      ...shared,
      name: 'larkspur-newsletter-images',
      born: '2025-10-15',
      team: 'marketing',
      blocked: true,
      policy: [
        {
          Sid: 'Blocked',
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: objectsOf('larkspur-newsletter-images'),
        },
      ],
    },
    {
      ...shared,
      name: buckets.vault,
      born: '2025-08-19',
      team: 'payments',
      blocked: true,
      versioned: true,
      encryption: keys.orders,
      policy: [
        {
          Sid: 'NobodyButPayments',
          Effect: 'Deny',
          Principal: '*',
          Action: [
            's3:GetBucketPolicy',
            's3:GetBucketAcl',
            's3:GetObject*',
            's3:PutObject*',
            's3:ListBucket',
          ],
          Resource: [`arn:aws:s3:::${buckets.vault}`, objectsOf(buckets.vault)],
          Condition: {
            ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${accounts.production}:role/payments-vault` },
          },
        },
      ],
    },
    {
      ...shared,
      name: 'larkspur-payments-2024',
      born: '2024-11-19',
      team: 'payments',
      blocked: true,
      tlsOnly: true,
      encryption: keys.oldPayments,
    },
    {
      ...shared,
      name: 'larkspur-terraform-state',
      born: '2024-11-11',
      team: 'platform',
      blocked: true,
      tlsOnly: true,
      versioned: true,
    },
    {
      ...shared,
      name: 'larkspur-backups-de',
      region: 'eu-central-1',
      born: '2025-01-20',
      team: 'platform',
      blocked: true,
      tlsOnly: true,
      versioned: true,
      locked: true,
    },
    {
      ...shared,
      name: 'larkspur-us-landing',
      region: 'us-east-1',
      born: '2026-03-02',
      team: 'marketing',
      blocked: true,
    },
  ]
  for (const plan of plans) await makeBucket(seeder, plan)
}
