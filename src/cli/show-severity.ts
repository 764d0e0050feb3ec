/** Where exposure is not known, the severity is the least that it can be. */
export function showSeverity({ severity, severity_max }: { severity: string; severity_max: string }): string {
  return severity === severity_max ? severity : `≥ ${severity}`
}

export function saySeverity({ severity, severity_max }: { severity: string; severity_max: string }): string {
  return severity === severity_max
    ? severity
    : `at least ${severity}; ${severity_max} if it is public, which could not be read`
}
