import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../core/json.ts'
import { text } from '../../lake/columns.ts'
import { defineTable } from '../../lake/define-table.ts'
import { detectSecrets } from './detect-secrets.ts'
import { replaceSecrets, type SecretMark } from './replace-secrets.ts'
import { secretPaths, secretProblems } from './secret-paths.ts'
import { zooSources, zooTables } from './zoo-tables.fixture.ts'

function replaced(document: unknown, ...paths: string[]): unknown {
  const copy = structuredClone(document) as Json
  replaceSecrets(copy, paths, 'key')
  return copy
}

describe('replacing secrets', () => {
  it('goes through lists, keeps names, leaves the rest', () => {
    const document = {
      A: [{ Env: { PASSWORD: 'canary-1', LEVEL: 'canary-2' }, Name: 'x' }, { Name: 'y' }],
      B: 'b',
    }
    const clean = replaced(document, 'A.Env') as typeof document
    expect(clean).toMatchObject({
      A: [
        {
          Env: {
            PASSWORD: { $secret: { length: 8, kinds: ['named_secret'] } },
            LEVEL: { $secret: { kinds: [] } },
          },
          Name: 'x',
        },
        { Name: 'y' },
      ],
      B: 'b',
    })
    expect(JSON.stringify(clean)).not.toContain('canary')
  })

  it('takes any key for *, and whatever lies below', () => {
    const clean = replaced(
      { Maps: { one: { Value: 1 }, two: { Value: ['s', { t: true }] } } },
      'Maps.*.Value',
    )
    expect(clean).toMatchObject({
      Maps: { one: { Value: { $secret: {} } }, two: { Value: [{ $secret: {} }, { t: { $secret: {} } }] } },
    })
  })

  it('tells equal secrets by hash, under a key', () => {
    const of = (value: string, key: string) => {
      const document = { S: value }
      replaceSecrets(document, ['S'], key)
      return (document.S as unknown as SecretMark).$secret.hash
    }
    expect(of('a', 'k')).toBe(of('a', 'k'))
    expect(of('a', 'k')).not.toBe(of('b', 'k'))
    expect(of('a', 'k')).not.toBe(of('a', 'other'))
  })

  it('leaves what it has replaced, and nothing that only looks so', () => {
    const once = replaced({ S: 'canary' }, 'S')
    expect(replaced(once, 'S')).toEqual(once)
    const forged = { $secret: { length: 1, hash: 'canary', kinds: [], detector: 1 } }
    expect(JSON.stringify(replaced({ S: forged }, 'S'))).not.toContain('canary')
    const chatty = { $secret: { length: 1, hash: 'a'.repeat(32), kinds: ['canary!'], detector: 1 } }
    expect(JSON.stringify(replaced({ S: chatty }, 'S'))).not.toContain('canary')
  })

  it('keeps null, and does not stumble over what is not there', () => {
    expect(replaced({ S: null, T: 'x' }, 'S', 'U.V', 'T.W')).toEqual({ S: null, T: 'x' })
  })
})

describe('the detector', () => {
  const jwt = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`
  it.each([
    ['AKIAIOSFODNN7EXAMPLE', ['aws_access_key']],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', ['aws_secret_key', 'named_secret']],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII', ['private_key']],
    [`ghp_${'a1'.repeat(18)}`, ['github_token']],
    ['xoxb-1234567890-abc', ['slack_token']],
    [`AIza${'a'.repeat(35)}`, ['google_api_key']],
    [jwt, ['json_web_token']],
    ['postgres://admin:hunter2@db/x', ['url_with_password']],
    ['export DB_PASSWORD="hunter2"', ['named_secret']],
    [`sk-ant-api03-${'a'.repeat(20)}`, ['ai_api_key']],
    ['mysql -u root -phunter2secret shop', ['command_with_password']],
    ['mysqladmin --password hunter22 status', ['command_with_password']],
    ["echo 'admin:S3cret!pw' | sudo chpasswd", ['command_with_password']],
    ['chpasswd <<EOF\nadmin:S3cret!pw\nEOF', ['command_with_password']],
    ['net user admin P@ssw0rd1 /add', ['command_with_password']],
    ['curl -s -u deploy:hunter22 https://x', ['command_with_password']],
    ['docker login -u x -p hunter22 registry', ['command_with_password']],
    [
      `- encoding: b64\n  content: ${Buffer.from('export DB_PASSWORD=hunter2 # shop').toString('base64')}`,
      ['named_secret'],
    ],
    ['mysql -u root -p shop', []],
    ['mysql -u root -p"$DB" shop; mysqladmin --password "$(cat /run/db)" status', []],
    ['docker run -p 127.0.0.1:8080:80 web; sshpass -f /run/pw ssh x', []],
    ['echo "admin:$PW" | chpasswd; net user admin /delete; curl -u "$WHO" https://x', []],
    ['#!/bin/bash\nyum install -y httpd\necho hello', []],
    ['DB_PASSWORD=$(aws secretsmanager get)', []],
    ['https://example.com/path?x=1', []],
  ])('%s', (found, kinds) => {
    expect(detectSecrets(found)).toEqual(kinds)
    expect(detectSecrets(Buffer.from(found).toString('base64'))).toEqual(kinds)
    expect(detectSecrets(gzipSync(found).toString('base64'))).toEqual(kinds)
  })

  it('judges a value by the name it stands under, but not a reference', () => {
    expect(detectSecrets('hunter2', 'DB_PASSWORD')).toEqual(['named_secret'])
    expect(detectSecrets('arn:aws:secretsmanager:x', 'DB_PASSWORD')).toEqual([])
    expect(detectSecrets('hunter2', 'LEVEL')).toEqual([])
  })

  it('is quick on hostile text', () => {
    const began = process.cpuUsage()
    for (const hostile of [
      'a:'.repeat(500_000),
      'secret '.repeat(150_000),
      `eyJ${'a'.repeat(900_000)}`,
      '-'.repeat(1_000_000),
      'mysql '.repeat(150_000),
      'curl -u a '.repeat(100_000),
      'net user '.repeat(100_000),
      `x${':aaaa'.repeat(200_000)}`,
      `${'QUJD'.repeat(12)} `.repeat(20_000),
    ])
      detectSecrets(hostile)
    const { user, system } = process.cpuUsage(began)
    expect((user + system) / 1000).toBeLessThan(3_000)
  })
})

describe('the paths of secrets', () => {
  it('follow from the declarations', () => {
    expect(secretPaths(zooTables, zooSources)).toEqual(
      new Map([
        ['zoo/pens/ListPens', ['Pens.Note']],
        ['zoo/pens/GetPen', ['Pen.Note']],
        ['zoo/pens/GetFood', ['Recipe.Secret']],
      ]),
    )
  })

  it('must be said where a shape stands between', () => {
    const shaped = (secret: string[]) =>
      defineTable<{ list: { Id: string; Plan: string } }>({
        name: 'zoo_plan',
        title: 'Plan',
        docs: 'https://example.com',
        provider: 'zoo',
        via: 'zoo',
        service: 'pens',
        parts: 'global',
        identity: { key: 'zoo:{Id}', native_id: 'Id', name: 'Id' },
        list: {
          read: { operation: 'ListPlans', items: 'Plans', permission: 'zoo:ListPlans', secret },
          shape: (row: { Id: string; Raw: string }) => ({ Id: row.Id, Plan: row.Raw }),
          secret: ['Plan'],
          columns: { plan_id: text('Id') },
        },
        groups: {},
      })
    expect(secretProblems([shaped([])], [])).toEqual([
      'zoo_plan.list: its reads are shaped, so one of them must declare `secret`',
    ])
    expect(secretProblems([shaped(['Plans.Raw'])], [])).toEqual([])
    expect(secretPaths([shaped(['Plans.Raw'])], []).get('zoo/pens/ListPlans')).toEqual(['Plans.Raw'])
  })
})
