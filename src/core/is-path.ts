/** Whether a text can name a file. An address cannot: its password would be printed, and be a folder's name. */
export function isPath(text: string): boolean {
  const withoutDrive = text.replace(/^\s*[a-z]:(?=[\\/])/i, '')
  return !/:\/\/|:.*@/s.test(withoutDrive)
}
