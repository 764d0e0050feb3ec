import { type Column, count, flag, text } from '../../../lake/columns.ts'

/** Load balancers and target groups answer with names and values; which names there are depends on their type. */
export interface Attributes {
  Attributes?: { Key?: string; Value?: string }[]
}

function named(answer: Attributes, key: string): string | undefined {
  const value = answer.Attributes?.find((one) => one.Key === key)?.Value
  return value === '' ? undefined : value
}

export function attributeFlag(key: string, title = ''): Column<Attributes> {
  return flag<Attributes>((answer) => truth(named(answer, key)), false, title)
}

export function attributeText(key: string, title = ''): Column<Attributes> {
  return text<Attributes>((answer) => named(answer, key), '', title)
}

export function attributeCount(key: string, absent: number, title = ''): Column<Attributes> {
  return count<Attributes>(
    (answer) => {
      const value = named(answer, key)
      return value === undefined ? undefined : Number(value)
    },
    absent,
    title,
  )
}

function truth(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 'true'
}
