import type { ScanNarrowing } from './scan.ts'

const flags: Record<keyof ScanNarrowing, string> = {
  accounts: '--account',
  regions: '--region',
  services: '--service',
  tables: '--table',
  rules: '--rule',
}

/** As it is typed: `--region eu-west-1 --service s3,iam`; '' where nothing narrows. */
export function sayNarrowing(narrowing: ScanNarrowing): string {
  return Object.entries(flags)
    .flatMap(([name, flag]) => {
      const given = narrowing[name as keyof ScanNarrowing]
      return given === undefined ? [] : [`${flag} ${given.join(',')}`]
    })
    .join(' ')
}
