const reasons: Record<string, string> = {
  gone: 'the resource is gone',
  not_applicable: 'the rule no longer applies to it',
  rule_off: 'the rule was switched off',
  account_off: 'the account was switched off',
}

export function sayClosed(closedAs: string): string {
  return reasons[closedAs] ?? closedAs
}
