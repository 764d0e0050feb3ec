/**
 * Which kinds of secrets stood at a path that the table declares `secret:`; the kernel has put a mark in their
 * place (src/collect/kernel/replace-secrets.ts), so that the SDK's type of the field no longer holds.
 */
export function secretKinds(mark: unknown): string[] {
  const { $secret } = (typeof mark === 'object' && mark !== null ? mark : {}) as {
    $secret?: { kinds?: string[] }
  }
  return $secret?.kinds ?? []
}
