/** Severity is computed, not chosen; the matrix is published in the feature specification (SE). */
export const attackVectors = ['required_privileges', 'vulnerability', 'no_authorization'] as const
export type AttackVector = (typeof attackVectors)[number]

export const impacts = ['low', 'medium', 'high', 'critical'] as const
export type Impact = (typeof impacts)[number]

export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

const likelihoods = ['improbable', 'possible', 'probable', 'highly_probable'] as const

/** A public resource is one step likelier than a private one. */
function likelihood(vector: AttackVector, isPublic: boolean): number {
  return attackVectors.indexOf(vector) + (isPublic ? 1 : 0)
}

const matrix: Record<(typeof likelihoods)[number], Record<Impact, Severity>> = {
  improbable: { low: 'low', medium: 'low', high: 'medium', critical: 'medium' },
  possible: { low: 'low', medium: 'medium', high: 'high', critical: 'high' },
  probable: { low: 'medium', medium: 'high', high: 'high', critical: 'critical' },
  highly_probable: { low: 'medium', medium: 'high', high: 'critical', critical: 'critical' },
}

export function severityOf(vector: AttackVector, impact: Impact, isPublic: boolean): Severity {
  const step = likelihoods[likelihood(vector, isPublic)]
  if (step === undefined) throw new RangeError(`no likelihood for ${vector}`)
  return matrix[step][impact]
}

export function isAtLeast(severity: Severity, floor: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(floor)
}
