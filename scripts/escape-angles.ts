/** In Markdown `<name>` begins a tag, but within backticks it stands for itself. */
export function escapeAngles(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
}
