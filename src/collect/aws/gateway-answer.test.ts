import { createServer as createHttp } from 'node:http'
import { expect, it } from 'vitest'
import { classifyAnswer } from '../kernel/classify-answer.ts'
import type { FailedAnswer, TransportRequest } from '../kernel/transport.ts'
import { awsAnswers } from './answers.ts'
import { identify } from './identify.ts'
import { createAwsTransport } from './transport.ts'

const keys = () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' })

function ask(connection: string, service: string, operation: string): TransportRequest {
  return {
    ...{ connection, service, operation, account_id: '111122223333', region: 'eu-west-1', input: {} },
    signal: new AbortController().signal,
    deadline: Date.now() + 30_000,
  }
}

it('says of a page of a gateway that no service has said it', async () => {
  const gateway = createHttp(
    (_, response) =>
      void response
        .writeHead(502, { 'content-type': 'text/html' })
        .end('<html><body><h1>502 Bad Gateway</h1></body></html>'),
  )
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const { port } = gateway.address() as { port: number }
  const transport = createAwsTransport({
    connections: [{ name: 'a', endpoint: `http://127.0.0.1:${port}`, keys }],
  })
  for (const [service, operation] of [
    ['ec2', 'DescribeVpcs'],
    ['iam', 'ListUsers'],
    ['s3', 'ListBuckets'],
    ['kms', 'ListKeys'],
  ] as const) {
    const answer = (await transport.send(ask('a', service, operation))) as FailedAnswer
    expect(answer, service).toMatchObject({ ok: false, kind: 'answer', status: 502 })
    expect(answer.message, service).toMatch(/may have answered in its place/)
    const told = classifyAnswer(answer, {
      read: { operation, permission: `${service}:${operation}` },
      ...{ service, operation, region: 'eu-west-1', region_status: 'opted in' },
      ...{ is_list: true, answers: awsAnswers },
    })
    expect(told, service).toMatchObject({
      end: 'error',
      failure: { next: expect.stringContaining('in the place of AWS') },
    })
  }
  const problem = await identify({ transport, connection: 'a' }).catch((error: unknown) => error)
  expect(problem).toMatchObject({
    code: 'COLLECT_UNREACHABLE',
    next: expect.stringContaining('in the place of AWS'),
  })
  expect((problem as Error).message).toMatch(/HTTP 502, and no word of the service/)
  await transport.close()
  gateway.closeAllConnections()
  gateway.close()
})
