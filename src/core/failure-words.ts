/**
 * What Stance's own codes of what could not be read mean, in words that stand where a title stands. Codes of a provider
 * (`AccessDenied`) are that provider's, and are shown as they are.
 */
export const failureWords: Readonly<Record<string, string>> = {
  ACCOUNT_LEFT: 'no connection reads the account any more',
  ACCOUNT_UNLISTED: 'the organization no longer lists the account',
  ANSWER_TOO_LARGE: 'an answer that does not end: a proxy or gateway?',
  AWAITED: 'a scan has read what is newer, and not this yet',
  CALL_BUDGET: 'reading took more calls than allowed',
  COLLECT_ACCOUNT_OUT_OF_REACH: 'the connection reaches another account',
  COLLECT_ASSUME_ROLE_DENIED: 'the role could not be assumed',
  COLLECT_CREDENTIALS_EXPIRED: 'the credentials have ended',
  COLLECT_CREDENTIALS_INVALID: 'AWS does not know the credentials',
  COLLECT_CREDENTIALS_MFA: 'the credentials ask for a second factor',
  COLLECT_CREDENTIALS_MISSING: 'there are no credentials',
  COLLECT_CREDENTIALS_REFUSED: 'the credentials could not be got',
  COLLECT_REGION_UNKNOWN: 'there is no such region',
  COLLECT_UNREACHABLE: 'AWS could not be reached',
  COLLECT_WRONG_ACCOUNT: 'the credentials belong to another account',
  COLUMN_FUNCTION: 'an answer could not be made into columns',
  COLUMN_MISSING: 'an answer lacks a field that is always sent',
  COLUMN_TYPE: 'a field of an answer is of another kind than declared',
  CONTRADICTION: 'two answers contradict each other',
  DELETION_UNCONFIRMED: 'much would have gone at once, and nothing confirms it',
  DOCUMENT_REFUSED: 'an answer is too large or too deep to be kept',
  EXCLUDED: 'left out by a setting',
  FIELD_MISSING: 'an answer lacks a field that is always sent',
  KEY_TAKEN: 'two resources have the same key',
  NO_IDENTITY: 'AWS did not say whose the credentials are',
  NO_LONGER_SERVED: 'the provider no longer serves this part',
  NO_ORGANIZATION: 'the organization could not be read',
  NO_REGIONS: 'AWS named no regions',
  NO_SINGLE_READ: 'it cannot be read by itself',
  NO_WITNESS: 'what says that a list is whole could not be read',
  NOT_ASKED_FOR: 'no scan has been asked to read it',
  NOT_IN_LAKE: 'it names what is not known here',
  NOT_IN_SOURCE: 'the answer that speaks of all such resources leaves this one out',
  LIST_OLDER: 'a list is older than what asks it',
  NOT_READ_YET: 'no scan has read it since the upgrade',
  PAGES_REPEAT: 'the pages of a list repeat themselves',
  PARTLY_READ: 'only a part of it could be read',
  REGION_NOT_OPTED_IN: 'the account has opted out of the region',
  ROW_OLDER: 'it was last read before a list lost what it names',
  ROW_TWICE: 'an answer speaks of the resource twice, and differently',
  ROW_UNUSABLE: 'a row of a list has no name or id',
  ROWS_MISSING: 'an answer lacks the list that it should hold',
  ROWS_UNREADABLE: 'a listed resource is not as AWS declares it',
  SHAPE: 'an answer is built otherwise than AWS declares it',
  SOURCE_NOT_READY: 'a report was not ready in time',
  TIME_BUDGET: 'reading took longer than allowed',
  TIMEOUT: 'no answer in time',
  UNKNOWN: 'nothing says why',
  UNREACHABLE: 'the service did not answer',
  UNREADABLE_ANSWER: 'an answer that AWS does not give: a proxy or login page?',
}

/** `an answer is built otherwise than AWS declares it (SHAPE)`; a provider's code is its own. */
export function sayFailure(code: string): string {
  const words = failureWords[code]
  return words === undefined ? code : `${words} (${code})`
}

/** Of cells and groups, for people; what was read has no need of a word. */
export const stateWords: Readonly<Record<string, string>> = {
  denied: 'denied',
  error: 'failed',
  excluded: 'left out by configuration',
  not_collected: 'not read yet',
}
