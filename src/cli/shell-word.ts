/** As a shell takes it for one word, whatever stands in it: names come from a cloud, where others give them. */
export function shellWord(text: string): string {
  if (/^[\w./:@%+=,~-]+$/.test(text)) return text
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`
}
