import { S3Control, type S3ControlClientConfig } from '@aws-sdk/client-s3-control'

/** At the emulator. The SDK writes the account before the host, which a number has not: it is given as a name, and set right here. */
export function s3Control(config: S3ControlClientConfig, url: string): S3Control {
  const control = new S3Control({ ...config, endpoint: url.replace('127.0.0.1', 'localhost') })
  control.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request?: { hostname: string } }
      if (request !== undefined) request.hostname = '127.0.0.1'
      return next(args)
    },
    { step: 'build', name: 'keepHost', priority: 'high' },
  )
  return control
}
