import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import { StanceError } from '../../core/errors.ts'

/**
 * What TLS trusts: Node's own certificates (with NODE_EXTRA_CA_CERTS, which Node reads by itself) and those of
 * the bundle. `undefined` leaves Node's default as it is.
 */
export function trustedCertificates(bundle: string | undefined): string[] | undefined {
  if (bundle === undefined) return undefined
  return [...getCACertificates('default'), ...certificatesIn(bundle)]
}

function certificatesIn(file: string): string[] {
  const found = read(file).match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (found === null) throw broken(file, 'has no certificate in it')
  for (const [index, pem] of found.entries()) {
    try {
      new X509Certificate(pem)
    } catch (cause) {
      throw broken(file, `has a certificate that cannot be read (number ${index + 1})`, cause)
    }
  }
  return found
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw broken(file, 'cannot be read', cause)
  }
}

function broken(file: string, what: string, cause?: unknown): StanceError {
  return new StanceError('COLLECT_CA_BUNDLE', `The certificate bundle ${file} ${what}.`, {
    next: 'Point `network.ca_bundle` (or AWS_CA_BUNDLE) at a PEM file that holds the certificates to trust.',
    cause,
    details: { file },
  })
}
