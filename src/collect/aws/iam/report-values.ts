/** A time of the credential report: `N/A`, `no_information` and `not_supported` mean that there is none. */
export function reported(value: string | undefined): string | undefined {
  return value !== undefined && /^\d{4}-\d\d-\d\dT/.test(value) ? value : undefined
}

export function wasTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true'
}

/** Their values alone make no version. */
export const lastUses = [
  'password_last_used',
  'access_key_1_last_used_date',
  'access_key_1_last_used_region',
  'access_key_1_last_used_service',
  'access_key_2_last_used_date',
  'access_key_2_last_used_region',
  'access_key_2_last_used_service',
]
