import { fileURLToPath } from 'node:url'

/** Two accounts whose resources have the same names and ids, in two regions each; see make-estate.ts. */
export const good = '111122223333'
export const careless = '444455556666'
export const accounts = [good, careless] as const
export const regions = ['eu-west-1', 'us-east-1'] as const
/** The name of the connection that was recorded: a replay has to call its own the same. */
export const connectionName = 'estate'
export const recordedEstate = fileURLToPath(new URL('../recordings/estate/', import.meta.url))
