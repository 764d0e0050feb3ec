import { fileURLToPath } from 'node:url'

/** The rules and facts that come with the program. */
export const shippedRules = fileURLToPath(new URL('../../rules/', import.meta.url))
export const shippedFacts = fileURLToPath(new URL('../../facts/', import.meta.url))
