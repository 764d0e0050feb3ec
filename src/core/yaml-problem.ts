/** What YAML's error codes mean. The library's own messages quote the file, and the file may hold secrets. */
const meanings: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias (*…) has an anchor or tag before it; put text that begins with * in quotes',
  DUPLICATE_KEY: 'the same key stands twice; remove one of them',
  BAD_INDENT:
    'the indentation does not fit the lines above, or a bracket there is not closed; give what belongs together the same number of spaces',
  TAB_AS_INDENT: 'a tab is used as indentation; write spaces',
  MISSING_CHAR: 'a colon, quote or bracket is missing, here or in the line above',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines; a colon or a quote is missing, here or above',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping begins in the middle of a line; put text with ": " in quotes',
  BLOCK_IN_FLOW:
    'a line that begins with "- " or a mapping stands inside brackets; close them, or write it with commas',
  BAD_COLLECTION_TYPE:
    'a list and a mapping are mixed; begin every line of a list with "- ", and none of a mapping',
  MULTIPLE_DOCS: 'there are several documents, parted by ---; keep one',
  MULTIPLE_ANCHORS: 'there are two anchors (&…) on one value; keep one',
  MULTIPLE_TAGS: 'there are two tags (!…) on one value; keep one',
  BAD_ALIAS: 'an alias (*…) has no good name; put text that begins with * in quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins no escape; use single quotes, or write two',
  BAD_DIRECTIVE: 'a line that begins with % is a directive of YAML; put it in quotes',
  BAD_SCALAR_START: 'text cannot begin with this character; put it in quotes',
  BAD_PROP_ORDER: 'an anchor (&…) or tag (!…) stands where it cannot; put text that begins with it in quotes',
  IMPOSSIBLE: 'this cannot be read as YAML; put text with special characters in quotes',
  KEY_OVER_1024_CHARS: 'a key has more than 1,024 characters; a colon or a quote is missing',
  NON_STRING_KEY: 'a key is no text; put it in quotes',
  RESOURCE_EXHAUSTION: 'brackets or lists stand inside each other too deeply; write less of them',
  TAG_RESOLVE_FAILED: 'a tag (!…) means nothing here; put text that begins with ! in quotes',
  UNEXPECTED_TOKEN: 'something stands where it cannot; put text with special characters in quotes',
}

/** What is wrong and what to write, in a few words without a full stop. */
export function sayYamlProblem(code: string): string {
  return meanings[code] ?? `this is not YAML (${code}); put text with special characters in quotes`
}
