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

const base64 = (text: string | Buffer) => Buffer.from(text as string).toString('base64')
const inLines = (text: string, indent = '') =>
  text
    .match(/.{1,76}/g)
    ?.map((line) => indent + line)
    .join('\n') ?? ''
const mail = (body: string) =>
  `Content-Type: multipart/mixed; boundary="B"\nMIME-Version: 1.0\n\n--B\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n${body}\n--B--\n`
/** As user data is written: for Windows, zipped, as a mail of parts, as files of cloud-init. */
const wrappings = (text: string): string[] => [
  base64(Buffer.from(`\ufeff${text}`, 'utf16le')),
  base64(Buffer.from(text, 'utf16le')),
  base64(Buffer.from(text, 'utf16le').swap16()),
  base64(mail(inLines(base64(`#!/bin/sh\n${text}\n`)))),
  base64(gzipSync(mail(inLines(base64(gzipSync(text)))))),
]

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
    ['DB_PASS=Tr0ub4dor3xyz', ['named_secret']],
    ["export MYSQL_PASS='Tr0ub4dor3xyz'; dbpass=Tr0ub4dor3xyz", ['named_secret']],
    ['db:\n  user: shop\n  pass: Tr0ub4dor3xyz\n', ['named_secret']],
    ['{"smtp_pass": "Tr0ub4dor3xyz", "port": 25}', ['named_secret']],
    ['BORG_PASSPHRASE="correct horse battery staple"', ['named_secret']],
    ['PROXY_PASS=Tr0ub4dor3xyz', ['named_secret']],
    ['PASSWORD=changeme', ['named_secret']],
    ['DB_PASS=changeme', ['named_secret']],
    ["curl -H 'Authorization: Basic YWRtaW46VHIwdWI0ZG9yM3h5eg==' https://x", ['authorization_header']],
    ['curl -H "Authorization: Bearer 9f8e7d6c5b4a3f2e1d0c" https://x', ['authorization_header']],
    ['curl https://hooks.slack.com/services/T0A1B2C3D/B0A1B2C3D/abcdEFGH1234ijklMNOP5678', ['webhook_url']],
    ['kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef', ['command_with_password']],
    ['gitlab-runner register --registration-token GR1348941abcdefghij', ['command_with_password']],
    ['helm install x --root-password Tr0ub4dor3xyz', ['command_with_password']],
    ['keytool -list -storepass changeit', ['command_with_password']],
    ['openssl rsa -passin pass:hunter22 -in x', ['command_with_password']],
    ['echo "Tr0ub4dor3xyz" | docker login -u x --password-stdin', ['command_with_password']],
    ["printf '%s' Tr0ub4dor3xyz | sudo helm registry login --password-stdin x", ['command_with_password']],
    ['echo Tr0ub4dor3xyz | passwd --stdin root', ['command_with_password']],
    ['docker login -u x --password-stdin <<< "Tr0ub4dor3xyz"', ['command_with_password']],
    ['htpasswd -bc /etc/nginx/.htpasswd admin Tr0ub4dor3xyz', ['command_with_password']],
    ['htpasswd -nb admin Tr0ub4dor3xyz > /etc/nginx/users', ['command_with_password']],
    ['requirepass Tr0ub4dor3xyz', ['command_with_password']],
    ['redis-cli -h cache -a Tr0ub4dor3xyz ping', ['command_with_password']],
    ['mysql -e "create user shop identified by \'Tr0ub4dor3xyz\'"', ['command_with_password']],
    ['PASS=0; FAIL=0; MAX_PASS=3 SECOND_PASS=no', []],
    ['# pass through to the next\nproxy_pass http://127.0.0.1:8080;\ncompass=north bypass: always', []],
    ['PROXY_PASS=http://127.0.0.1:8080\nBYPASS=localhost\nPASS_THROUGH=always\nPASS_COUNT=1000', []],
    ['echo "PASS: disk mounted"\nPASS: 12 of 12\necho "pass=$pass"\nif [ $pass == 1000 ]; then', []],
    ['DB_PASS=${DB_PASS} ROOT_PASS="$1" PASS=`cat /run/pw` PASS=$(cat /run/pw)', []],
    ['DB_PASS=<password>\nPASSWORD=<your-password>\npass: {{ db_pass }}\npass: %DB_PASS%\n', []],
    ['pass: true\nuser_pass: null\ndb_pass: ""\nPASS_FILE=/run/secrets/pw\nDB_PASS=/run/pw', []],
    ['aws secretsmanager get-secret-value --secret-id shop/database1 --query SecretString', []],
    ['aws s3api list-objects --starting-token abcdef0123456789 --client-token 0123456789abcdef', []],
    ['docker build --secret id=npmrc1234,src=x .; vault login --token "$VAULT_TOKEN1"', []],
    ['k3s agent --token-file /run/token1; x --token /var/run/token1; x --token <token-1234567>', []],
    ['echo "Logging in" && aws ecr get-login-password | docker login --username AWS --password-stdin x', []],
    ['adduser --disabled-password ubuntu; ansible-playbook --ask-vault-pass site.yml', []],
    ['echo "$PW" | docker login --password-stdin; cat /run/pw | docker login --password-stdin', []],
    [
      'htpasswd -c /etc/nginx/users admin\nhtpasswd -bc /etc/nginx/users admin "$PW"\nhtpasswd -nb x "$PW" >/x',
      [],
    ],
    ["# requirepass foobared\nsed -i 's/^requirepass .*/requirepass $PW/' redis.conf", []],
    ['Authorization: Basic $(printf x | base64)\nAuthorization: Bearer $TOKEN\nBasic realm="x"', []],
    ['https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX', []],
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
    for (const wrapped of wrappings(found)) expect(detectSecrets(wrapped)).toEqual(kinds)
  })

  it('finds what lies anywhere in base64 that is wrapped', () => {
    for (let before = 0; before < 57; before++) {
      const script = `#!/bin/bash\n${'#'.repeat(before)}\nexport GH=ghp_${'a1'.repeat(18)}\n${'# end\n'.repeat(40)}`
      for (const inner of [Buffer.from(script), gzipSync(script), Buffer.from(script, 'utf16le')])
        expect(detectSecrets(base64(mail(inLines(base64(inner))))), `${before}`).toEqual(['github_token'])
    }
  })

  it('opens a file in a script in a mail in what the cloud gives, and ends there', () => {
    const file = `write_files:\n- encoding: b64\n  content: |\n${inLines(base64('export DB_PASS=Tr0ub4dor3xyz\n'), '    ')}\n`
    expect(detectSecrets(base64(mail(inLines(base64(file)))))).toEqual(['named_secret'])
    const json = JSON.stringify({ content: inLines(base64(`${'# x\n'.repeat(40)}DB_PASS=Tr0ub4dor3xyz\n`)) })
    expect(detectSecrets(json)).toEqual(['named_secret'])
    let deep = 'export DB_PASS=Tr0ub4dor3xyz'
    for (let nr = 0; nr < 9; nr++) deep = base64(deep)
    expect(detectSecrets(deep)).toEqual([])
  })

  it('says nothing of where it saw a secret, however that is written or wrapped', () => {
    const canary = 'CANARY5uper'
    for (const plain of [
      `DB_PASS=${canary}`,
      `x --token ${canary}`,
      `requirepass ${canary}`,
      `a: Bearer ${canary}9`,
    ])
      for (const wrapped of [plain, ...wrappings(plain)]) {
        const clean = JSON.stringify(replaced({ UserData: wrapped }, 'UserData'))
        expect(clean).toMatch(
          /^\{"UserData":\{"\$secret":\{"length":\d+,"hash":"[0-9a-f]{32}","kinds":\[[a-z_",]*\],"detector":\d+\}\}\}$/,
        )
      }
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
      `${'QUJD'.repeat(19)}\n`.repeat(13_000),
      'a_'.repeat(500_000),
      '--a-'.repeat(250_000),
      '--token '.repeat(125_000),
      'echo aaaaa '.repeat(90_000),
      'echo aaaaa |'.repeat(80_000),
      `htpasswd -b${' a'.repeat(499_000)}`,
      'htpasswd -b a '.repeat(70_000),
      ',pass:'.repeat(160_000),
      `,${' -'.repeat(500_000)}`,
      'authorization: basic '.repeat(50_000),
      'identified by '.repeat(70_000),
      'PASS=http://'.repeat(80_000),
      '\n'.repeat(1_000_000),
    ])
      detectSecrets(hostile)
    const { user, system } = process.cpuUsage(began)
    expect((user + system) / 1000).toBeLessThan(6_000)
  })

  it('is quick on what a few kilobytes of gzip become', () => {
    const began = process.cpuUsage()
    const bomb = gzipSync(Buffer.alloc(900_000, 'curl -u a --token echo a '), { level: 9 })
    const larger = gzipSync(Buffer.alloc(20_000_000), { level: 9 })
    const nested = gzipSync(`${base64(bomb)}\n\n`.repeat(200))
    for (const hostile of [bomb, larger, nested])
      detectSecrets(base64(`${base64(hostile)}\n\n`.repeat(16_000 / base64(hostile).length + 1)))
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
