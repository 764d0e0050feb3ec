const reasons: Record<string, string> = {
  gone: 'the resource is gone',
  not_applicable: 'the rule no longer applies to it',
  rule_off: 'the rule is off, or is no more',
  no_longer_unread: 'what it stood for is no longer unread',
  account_off: 'the account was switched off',
  account_closed: 'the account was closed',
}

/** `wasJudged`: whether it ever was pass or fail. */
export function sayClosed(closedAs: string, wasJudged: boolean): string {
  // Until then nobody could tell whether the rule concerned it at all.
  if (closedAs === 'not_applicable' && !wasJudged) return 'the rule turned out not to apply to it'
  return reasons[closedAs] ?? closedAs
}
