/** `arn:aws:kms:eu-west-1:111122223333:key/…` → `111122223333`; '' of what is no ARN or names no account. */
export function accountOfArn(arn: string | undefined): string {
  const account = (arn ?? '').split(':')[4] ?? ''
  return /^\d{12}$/.test(account) ? account : ''
}
