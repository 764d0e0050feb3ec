import { StanceError } from '../core/errors.ts'
import { ownViews } from '../lake/own-views.ts'

/** A condition that asks a view of Stance's own, which is there and is not for rules: `resource_tag`, `finding`. */
export function explainView<T>(error: T): T | StanceError {
  if (!(error instanceof StanceError) || error.code !== 'CONDITION_UNKNOWN_TABLE') return error
  const name = wordAtMark(String(error.details.excerpt ?? ''))
  if (!ownViews.some((view) => view.name === name)) return error
  const tags = name === 'resource_tag' ? ' Tags cannot be judged yet.' : ''
  return new StanceError(error.code, error.message, {
    next: `${name} is a view for \`stance query\`; conditions read the tables that come before it in \`stance tables list\`.${tags}`,
    details: error.details,
    cause: error,
  })
}

export function refusingViews<T>(build: () => T): T {
  try {
    return build()
  } catch (error) {
    throw explainView(error)
  }
}

/** The word above the caret. */
function wordAtMark(excerpt: string): string {
  const [line = '', mark = ''] = excerpt.split('\n')
  return /^\w+/.exec(line.slice(mark.indexOf('^')))?.[0] ?? ''
}
