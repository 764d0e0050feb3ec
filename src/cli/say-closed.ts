const reasons: Record<string, string> = {
  gone: 'the resource is gone',
  not_applicable: 'the rule no longer applies to it',
  rule_off: 'the rule is off, or is no more',
  no_longer_unread: 'what it stood for is no longer unread',
  account_off: 'the account was switched off',
  account_closed: 'the account was closed',
}

export function sayClosed(closedAs: string): string {
  return reasons[closedAs] ?? closedAs
}
