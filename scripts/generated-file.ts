/** `path` is relative to the root, with slashes. */
export interface GeneratedFile {
  path: string
  content: string
}
