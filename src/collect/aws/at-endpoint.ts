/**
 * What a client is told where a connection has an endpoint. That is the address: what the environment or a profile wishes
 * of addresses (FIPS, dual-stack) and of signatures over several regions is for those of AWS, and the SDK refuses both together.
 */
export function atEndpoint(endpoint: string) {
  return {
    endpoint,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: ['sigv4'],
  }
}
