import type { Caller } from './caller.ts'
import { cognito, isClaimElsewhere, isSubjectKey } from './federation.ts'

/** How a value that a stranger has, and did not choose, compares with a pattern: see `foreign.ts`. */
export type Nature = 'id' | 'arn' | 'organization_path' | 'unique_id' | 'subject'

/**
 * What a caller has at a condition key. Sources, key by key:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (the "Availability" of each)
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html (what narrows)
 */
export interface KeyView {
  readonly mayBeAbsent: boolean
  readonly mayBeChosen: boolean
  /** A value of the stranger's own that AWS made: their account, organization, VPC. */
  readonly foreign?: Nature
  /** The only values there can be. */
  readonly known?: readonly string[]
  readonly isAddress?: boolean
  /** A value that the document's reader does not know. */
  readonly isOpaque?: boolean
  /** A value that belongs to this account. */
  readonly ofAccount?: string
}

const absent: KeyView = { mayBeAbsent: true, mayBeChosen: false }
const chosen: KeyView = { mayBeAbsent: true, mayBeChosen: true }
const alwaysChosen: KeyView = { mayBeAbsent: false, mayBeChosen: true }
const address: KeyView = { mayBeAbsent: false, mayBeChosen: false, isAddress: true }
const opaque: KeyView = { mayBeAbsent: true, mayBeChosen: false, isOpaque: true }

function known(...values: string[]): KeyView {
  return { mayBeAbsent: false, mayBeChosen: false, known: values }
}
function foreign(nature: Nature, mayBeAbsent = false): KeyView {
  return { mayBeAbsent, mayBeChosen: false, foreign: nature }
}

/** Of the calling identity; absent without credentials and where a service itself calls. */
const identityKeys = new Map<string, KeyView>([
  ['aws:principalarn', foreign('arn')],
  ['aws:principalorgid', foreign('id', true)],
  ['aws:principalorgpaths', foreign('organization_path', true)],
  ['aws:principalorgmasteraccountid', foreign('id', true)],
  ['aws:username', chosen],
  ['aws:sourceidentity', chosen],
  ['aws:federatedprovider', chosen],
  ['aws:tokenissuetime', chosen],
  ['aws:multifactorauthpresent', chosen],
  ['aws:multifactorauthage', chosen],
  ['aws:assumedroot', chosen],
  ['aws:calledvia', chosen],
  ['aws:calledviafirst', chosen],
  ['aws:calledvialast', chosen],
  ['aws:chatbotsourcearn', foreign('arn', true)],
  ['aws:signinsessionarn', foreign('arn', true)],
  ['aws:ec2instancesourcevpc', foreign('id', true)],
  ['ec2:sourceinstancearn', foreign('arn', true)],
  ['ssm:sourceinstancearn', foreign('arn', true)],
  ['lambda:sourcefunctionarn', foreign('arn', true)],
  ['codebuild:buildarn', foreign('arn', true)],
  ['codebuild:projectarn', foreign('arn', true)],
  ['identitystore:userid', foreign('id', true)],
  ['s3:authtype', chosen],
  ['s3:signatureversion', chosen],
  ['s3:signatureage', chosen],
])

/** Of the network; there only where the call comes through a VPC endpoint. */
const endpointKeys = new Map<string, KeyView>([
  ['aws:sourcevpc', foreign('id')],
  ['aws:sourcevpce', foreign('id')],
  ['aws:sourcevpcarn', foreign('arn', true)],
  ['aws:vpceaccount', foreign('id', true)],
  ['aws:vpceorgid', foreign('id', true)],
  ['aws:vpceorgpaths', foreign('organization_path', true)],
  ['vpc-lattice-svcs:sourcevpc', foreign('id', true)],
  ['vpc-lattice-svcs:sourcevpcowneraccount', foreign('id', true)],
  ['aws:vpcsourceip', alwaysChosen],
])

/** Of the resource for which a service acts; there only where a service itself calls. */
const sourceKeys = new Map<string, KeyView>([
  ['aws:sourcearn', foreign('arn', true)],
  ['aws:sourceaccount', foreign('id', true)],
  ['aws:sourceorgid', foreign('id', true)],
  ['aws:sourceorgpaths', foreign('organization_path', true)],
  ['lambda:eventsourcetoken', foreign('id', true)],
])

/** Of things that belong to an account, whoever calls. */
const ownedKeys = new Map<string, KeyView>([
  ['s3:dataaccesspointaccount', foreign('id', true)],
  ['s3:dataaccesspointarn', foreign('arn', true)],
  ['s3:x-amz-server-side-encryption-aws-kms-key-id', foreign('arn', true)],
  ['elasticfilesystem:accessedviamounttarget', { mayBeAbsent: true, mayBeChosen: false, known: ['false'] }],
])

/** Keys of accounts, for callers of whose account something is known. */
const accountKeys = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourceaccount',
  'aws:sourceowner',
  'aws:sourcearn',
  'kms:calleraccount',
  'lambda:sourcefunctionarn',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
])

/** Does a fixed value of this key name an account? */
export function namesAccount(key: string): boolean {
  return accountKeys.has(key)
}

export function viewKey(caller: Caller, key: string, ownAccount: string): KeyView {
  if (key === 'aws:resourceaccount' || key === 's3:resourceaccount') return known(ownAccount)
  if (key === 'aws:resourceorgid' || key === 'aws:resourceorgpaths') return opaque
  if (key === 'aws:securetransport') {
    return known(...(caller.who === 'anyone' ? [String(caller.secureTransport)] : ['true', 'false']))
  }
  if (key === 'aws:currenttime' || key === 'aws:epochtime' || key === 'aws:requestedregion')
    return alwaysChosen
  return caller.path === 'any' ? viewAsInsider(caller, key) : viewAsStranger(caller, key)
}

/** Somebody of whom nothing is known but the account: in any network, organization, VPC. */
function viewAsInsider(caller: Caller, key: string): KeyView {
  if (key === 'aws:sourceip') return { ...address, mayBeAbsent: true }
  if (!accountKeys.has(key)) return chosen
  if (caller.who === 'outsider') {
    return foreign(key.endsWith('arn') ? 'arn' : 'id', key.includes('source') || key.startsWith('s3:'))
  }
  if (caller.who !== 'member') return chosen
  const isPrincipal =
    key === 'aws:principalaccount' || key === 'aws:principalarn' || key === 'kms:calleraccount'
  if (key === 'aws:principalarn' && caller.arn !== '') return known(caller.arn)
  if (!key.endsWith('arn')) return { ...known(caller.account), mayBeAbsent: !isPrincipal }
  return { mayBeAbsent: !isPrincipal, mayBeChosen: false, ofAccount: caller.account }
}

function viewAsStranger(caller: Caller, key: string): KeyView {
  const isSigned = caller.who === 'aws_user'
  if (key === 'aws:sourceip') return caller.path === 'internet' && caller.who !== 'service' ? address : absent
  const endpoint = endpointKeys.get(key)
  if (endpoint !== undefined) return caller.path === 'own_vpc' ? endpoint : absent
  const identity = identityKeys.get(key)
  if (identity !== undefined) return isSigned ? identity : absent
  if (key.startsWith('aws:principaltag/')) return isSigned ? chosen : absent
  const source = sourceKeys.get(key)
  if (source !== undefined) return caller.who === 'service' ? source : absent
  if (key === 'aws:sourceowner') {
    return isSigned || caller.who === 'service' ? foreign('id', true) : absent
  }
  if (caller.who === 'federated' && caller.isGuest) {
    if (key === cognito.pool) return alwaysChosen
    if (key === cognito.signedIn) return known('unauthenticated')
  }
  if (caller.who === 'federated' && isSubjectKey(caller.provider, key)) {
    return foreign('subject', !key.endsWith(':sub'))
  }
  if (caller.who === 'federated' && isClaimElsewhere(caller.provider, key)) return absent
  return ownedKeys.get(key) ?? viewByCaller(caller, key)
}

function viewByCaller(caller: Caller, key: string): KeyView {
  const { who } = caller
  switch (key) {
    case 'aws:principalaccount':
      if (who === 'anonymous') return known('anonymous', 'Anonymous')
      return who === 'aws_user' ? foreign('id') : absent
    case 'aws:userid':
      if (who === 'anonymous') return known('anonymous', 'Anonymous')
      return who === 'aws_user' ? foreign('unique_id') : absent
    case 'aws:principaltype':
      return who === 'anonymous' ? known('anonymous', 'Anonymous') : alwaysChosen
    case 'aws:principalisawsservice':
      if (who === 'anonymous' || who === 'federated') return absent
      return known(String(who === 'service'))
    case 'aws:principalservicename':
    case 'aws:principalservicenameslist':
      if (who !== 'service') return absent
      // A certain service is not any service: who names one names a fixed principal.
      return caller.service === '*' ? foreign('id') : known(caller.service)
    case 'aws:viaawsservice':
      return known(...(who === 'aws_user' ? ['true', 'false'] : ['false']))
    case 'kms:calleraccount':
      return who === 'aws_user' || who === 'service' ? foreign('id') : absent
    case 'kms:viaservice':
      return who === 'anonymous' ? absent : chosen
    case 'lambda:functionurlauthtype':
      if (who === 'anonymous') return known('NONE')
      return who === 'aws_user' ? chosen : absent
    default:
      return chosen
  }
}
