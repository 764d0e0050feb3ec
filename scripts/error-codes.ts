import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { root } from './run-tool.ts'
import { productFiles } from './source-files.ts'

export interface ErrorUse {
  code: string
  file: string
  /** With `…` where a value is filled in; undefined where it is put together elsewhere. */
  message: string | undefined
  next: string | undefined
}

/** As much of a syntax tree as is looked at here; the parser's own types are a union of 200. */
interface Node {
  type: string
  start: number
  [name: string]: unknown
}

const codeShape = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/

/**
 * Every error code that the product's sources name:
 * - `new StanceError('CODE', message, { next })`,
 * - calls of a function that passes one of its parameters on as the code,
 * - objects with a `code` and a `next`: tables of errors.
 * A code that is computed from none of these is reported under the code `?`.
 */
export async function errorUses(): Promise<ErrorUse[]> {
  const sources = await Promise.all(
    (await productFiles()).map(async (file) => ({
      file,
      program: parse(file, await readFile(join(root, file), 'utf8')),
    })),
  )
  const makers = new Map<string, number>()
  const uses: ErrorUse[] = []
  for (const { file, program } of sources) {
    walk(program, (node, functions) => {
      if (node.type !== 'NewExpression' || (node.callee as Node).name !== 'StanceError') return
      const [code, message, options] = node.arguments as Node[]
      const maker = functions.findLast((one) => parameterIndex(one, code) >= 0)
      if (code?.type === 'Literal') {
        uses.push({
          code: String(code.value),
          file,
          message: spoken(message),
          next: spoken(property(options, 'next')),
        })
      } else if (maker !== undefined && nameOf(maker) !== undefined) {
        makers.set(nameOf(maker)!, parameterIndex(maker, code))
      } else if (!/(^|\.)code$/.test(memberName(code))) {
        uses.push({ code: '?', file, message: undefined, next: undefined })
      }
    })
  }
  for (const { file, program } of sources) {
    walk(program, (node) => {
      if (node.type === 'CallExpression') {
        const args = node.arguments as Node[]
        const code = args[makers.get(String((node.callee as Node).name)) ?? -1]
        if (code?.type !== 'Literal' || !codeShape.test(String(code.value))) return
        const options = args.find((arg) => property(arg, 'next') !== undefined)
        const message = args.find((arg) => arg !== code && spoken(arg) !== undefined)
        uses.push({
          code: String(code.value),
          file,
          message: spoken(message),
          next: spoken(property(options, 'next')),
        })
      }
      if (node.type === 'ObjectExpression') {
        const code = property(node, 'code')
        const next = property(node, 'next')
        if (code?.type !== 'Literal' || next === undefined || !codeShape.test(String(code.value))) return
        uses.push({
          code: String(code.value),
          file,
          message: spoken(property(node, 'message')),
          next: spoken(next),
        })
      }
    })
  }
  return uses
}

function parse(file: string, text: string): Node {
  const { program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  return program as unknown as Node
}

/** Calls `visit` for every node, with the functions around it, outermost first. */
function walk(node: Node, visit: (node: Node, functions: readonly Node[]) => void): void {
  const functions: Node[] = []
  const step = (at: Node, name: string | undefined): void => {
    const isFunction = /Function/.test(at.type) && Array.isArray(at.params)
    if (isFunction) functions.push(name === undefined || at.id ? at : { ...at, id: { name } })
    visit(at, functions)
    for (const value of Object.values(at)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child))
          step(child, at.type === 'VariableDeclarator' ? ((at.id as Node).name as string) : undefined)
      }
    }
    if (isFunction) functions.pop()
  }
  step(node, undefined)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

function nameOf(fn: Node): string | undefined {
  return (fn.id as Node | null)?.name as string | undefined
}

function parameterIndex(fn: Node, code: Node | undefined): number {
  if (code?.type !== 'Identifier') return -1
  return (fn.params as Node[]).findIndex((parameter) => parameter.name === code.name)
}

function memberName(node: Node | undefined): string {
  return node?.type === 'MemberExpression' ? String((node.property as Node).name) : ''
}

function property(node: Node | undefined, name: string): Node | undefined {
  if (node?.type !== 'ObjectExpression') return undefined
  const found = (node.properties as Node[]).find((one) => (one.key as Node | undefined)?.name === name)
  return found?.value as Node | undefined
}

/** The words of a text as written, `…` for what is filled in; of a choice or a function, its first text. */
function spoken(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type === 'TemplateLiteral') {
    return (node.quasis as Node[]).map((quasi) => (quasi.value as { cooked: string }).cooked).join('…')
  }
  if (node.type === 'ConditionalExpression') {
    const both = [spoken(node.consequent as Node), spoken(node.alternate as Node)]
    return both.filter((one) => one !== undefined).join('; or: ') || undefined
  }
  if (node.type === 'BinaryExpression') {
    return `${spoken(node.left as Node) ?? '…'}${spoken(node.right as Node) ?? '…'}`
  }
  if (node.type === 'ArrowFunctionExpression') return spoken(node.body as Node)
  return undefined
}
