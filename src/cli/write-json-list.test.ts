import { expect, it } from 'vitest'
import { Screen } from './screen/screen.ts'
import { asChunks, writeJsonList } from './write-json-list.ts'

it('says what came from a cloud so that no terminal obeys it', async () => {
  const evil = 'x\u001b[2J\u009b\u007f\u202e\u200b'
  let text = ''
  const screen = new Screen({ write: (more) => (text += more) }, false)
  await writeJsonList(screen, asChunks([{ name: evil, [evil]: 1 }]), { total: 1, columns: [evil] })
  expect(JSON.parse(text)).toEqual({ items: [{ name: evil, [evil]: 1 }], total: 1, columns: [evil] })
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})
