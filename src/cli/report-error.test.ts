import { expect, it } from 'vitest'
import { StanceError } from '../core/errors.ts'
import { reportError } from './report-error.ts'
import { Screen } from './screen/screen.ts'

const secret = 'hunter2-of-the-settings'
/** One that is known by its shape alone. */
const shaped = 'postgresql://stance:another-one@db/stance'

function reported(error: unknown, json: boolean): string {
  let text = ''
  const screen = new Screen({ write: (more) => (text += more) }, false)
  reportError(error, screen, json, [secret])
  return text
}

it.each([
  [
    'an error of ours',
    new StanceError('DB_LOGIN', `It said ${secret} of ${shaped}.`, { next: `Not ${secret}, nor ${shaped}.` }),
  ],
  ['one that nobody foresaw', new Error(`It said ${secret} of ${shaped}.`)],
])('%s shows no secret, in words and in JSON', (_, error) => {
  for (const json of [false, true]) {
    const text = reported(error, json)
    expect(text).toContain('It said [secret] of postgresql://[secret]@db/stance.')
    expect(text).not.toMatch(/hunter2|another-one/)
  }
})
