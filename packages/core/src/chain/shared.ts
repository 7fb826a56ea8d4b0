import { type AddressRulesRead, readAddressRules } from '../checks/address.ts'
import { compileAuthenticate } from '../checks/authenticate.ts'
import type { Concurrency } from '../checks/concurrency/guard.ts'
import { compileCors, type CorsContext, type CorsGuard, NO_CORS } from '../checks/cors.ts'
import { compileCrossSite, type CrossSiteGuards, NO_CROSS_SITE } from '../checks/cross-site.ts'
import { compileHosts } from '../checks/hosts.ts'
import { compileHttps } from '../checks/https.ts'
import type { NamedLimit } from '../checks/rate-limit/control.ts'
import { fieldNames, fieldWriter } from '../checks/rate-limit/field-modes.ts'
import type { Counting } from '../checks/rate-limit/guard.ts'
import { compileProtectedResource } from '../checks/protected-resource.ts'
import { compileRequest, type RequestGuard } from '../checks/request.ts'
import { type CompiledSecurityHeaders, compileSecurityHeaders } from '../checks/security-headers.ts'
import { compileShed, type ShedGuards } from '../checks/shed.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { Gauges, KeySet } from '../contract/meter.ts'
import type { CompiledScheme, SchemeContext } from '../contract/scheme.ts'
import type { Store } from '../contract/store.ts'
import { describeScheme } from '../identity/combined.ts'
import { LoopDelay } from '../limiting/loop-delay.ts'
import { memoryStore } from '../limiting/memory-store.ts'
import { Permits } from '../limiting/permits.ts'
import { LimitRegistry } from '../limiting/registry.ts'
import { StoreLine } from '../limiting/store-line.ts'
import { at, type Place, report } from '../options/read.ts'
import { compileRoles, type Roles } from '../options/roles.ts'
import { compileScheme } from '../options/scheme.ts'
import type { Clock } from '../lib/clock.ts'
import { startTimer } from '../lib/timer.ts'
import { compileProxy, type ProxyTrust } from '../request/proxy.ts'
import { compileUntrustedFields, type UntrustedFields } from '../request/untrusted-fields.ts'
import type { FinishPlan } from '../respond/finisher.ts'
import { measuredRecords, type RecordStore } from './measured-records.ts'
import { combineMeters, type Metering } from './meters.ts'
import type { PolicyRead } from './read-policy.ts'

/** What every rule of a policy shares, compiled once. */
export interface Shared {
  readonly read: PolicyRead
  readonly store: Store
  /** The same for schemes and idempotency keys, measured where somebody reads it. */
  readonly records: RecordStore
  /** What is to be released when the gate closes. */
  readonly releases: readonly (() => void)[]
  readonly trust: ProxyTrust
  /** What is taken off requests that no trusted proxy sent. */
  readonly untrustedFields: UntrustedFields
  readonly registry: LimitRegistry<NamedLimit>
  readonly counting: Counting
  /** Requests under way, and the limits of them. */
  readonly permits: Permits
  readonly concurrencyRegistry: LimitRegistry<Concurrency>
  readonly clock: Clock
  /** Who measures, if anybody does, and what can be asked of this gate then. */
  readonly meter: Metering | undefined
  readonly gauges: Gauges
  /** How much of an IPv6 address is one client, and what a caller's tenant is: what limits count by. */
  readonly clientPrefix: number
  readonly tenant: PolicyRead['tenant']
  readonly roles: Roles
  readonly scheme: CompiledScheme | undefined
  readonly headers: CompiledSecurityHeaders
  readonly addresses: AddressRulesRead | undefined
  readonly request: RequestGuard
  readonly hosts: Guard
  readonly https: Guard
  readonly cors: CorsGuard
  /** What the settings of a rule are compiled with. */
  readonly corsContext: CorsContext
  /** Whether a rule has settings of its own. */
  readonly hasRuleCors: boolean
  readonly crossSite: CrossSiteGuards
  readonly shed: ShedGuards
  readonly protectedResource: Guard
  /** What responses carry, by the headers that it was made with: filled as rules are compiled. */
  readonly plans: { readonly headers: CompiledSecurityHeaders; readonly plan: FinishPlan }[]
  readonly authenticate: Guard
  readonly authenticateOptional: Guard
}

/** Compiles what every rule shares. */
export function compileShared(root: Place, read: PolicyRead): Shared {
  const store = read.store ?? memoryStore({ clock: read.clock })
  const releases: (() => void)[] = []
  const meter = combineMeters(read.metrics)
  const keySets: KeySet[] = []
  const records =
    meter === undefined
      ? store
      : measuredRecords(store, read.clock, (ms, isAnswered) => meter.onStoreCall(ms, isAnswered, 'records'))
  const protectedResource = compileProtectedResource(at(root, 'protectedResource'), read.protectedResource)
  const compiled = compileAuthenticator(root, read, {
    clock: read.clock,
    store: records,
    onClose: (release) => releases.push(release),
    ...(meter !== undefined && { onKeySet: (keys: KeySet) => void keySets.push(keys) }),
  })
  const scheme = compiled && pointingTo(protectedResource.url, compiled)
  const trust = compileProxy(at(root, 'proxy'), read.proxy)
  const hosts = compileHosts(root, read.hosts, read.dangerouslyAnyHost)
  const request = compileRequest(at(root, 'request'), read.request, scheme?.queryFields)
  const corsContext = {
    exposed: exposedFields(read, scheme),
    isLocal: hosts.hosts.isLocal,
    overriding: request.overriding,
  }
  const cors = read.cors === undefined ? NO_CORS : compileCors(at(root, 'cors'), read.cors, corsContext)
  const line = new StoreLine(store, {
    deadlineMs: read.storeDeadline,
    clock: read.clock,
    startTimer,
    ...(meter !== undefined && {
      onCall: (ms: number, isAnswered: boolean) => meter.onStoreCall(ms, isAnswered, 'limits'),
    }),
  })
  return {
    read,
    store,
    records,
    releases,
    trust,
    untrustedFields: compileUntrustedFields(trust.identityFields, [
      ...trust.keepFields,
      // Where the policy reads a credential it is the client's to send.
      ...(scheme?.fields ?? []),
    ]),
    registry: new LimitRegistry<NamedLimit>(),
    counting: {
      line,
      isBuiltIn: read.store === undefined,
      local: memoryStore({ clock: read.clock }),
      clock: read.clock,
      isBounded: read.storeDeadline <= read.deadline,
      fields: (limits) => fieldWriter(read.rateLimitFields, limits, read.clock),
    },
    permits: new Permits(),
    concurrencyRegistry: new LimitRegistry<Concurrency>(),
    clock: read.clock,
    meter,
    gauges: { storeUp: () => line.isUp, keySets: () => keySets },
    clientPrefix: trust.ipv6Prefix,
    tenant: read.tenant,
    roles: compileRoles(at(root, 'roles'), read.roles),
    scheme,
    headers: compileSecurityHeaders(at(root, 'headers'), read.headers),
    addresses: readAddressRules(at(root, 'addresses'), read.addresses),
    request,
    hosts,
    https: compileHttps(at(root, 'https'), read.https, {
      hosts: hosts.hosts,
      anyHost: read.dangerouslyAnyHost === true,
      credentialFields: scheme?.fields ?? [],
      credentialQueryFields: scheme?.queryFields ?? [],
    }),
    cors,
    corsContext,
    hasRuleCors: inRules(read, 'cors'),
    crossSite: compileCrossSites(root, read, cors, scheme),
    shed: compileShed(at(root, 'shed'), read.shed, () => {
      const measured = new LoopDelay(read.clock, startTimer)
      releases.push(() => measured.close())
      return () => measured.read()
    }),
    protectedResource,
    plans: [],
    authenticate: scheme === undefined ? NO_GUARD : compileAuthenticate(scheme),
    authenticateOptional: scheme === undefined ? NO_GUARD : compileAuthenticate(scheme, 'optional'),
  }
}

/** A policy says how a caller is known, or that nobody needs to be: silence is a mistake, not an open door. */
function compileAuthenticator(
  root: Place,
  read: PolicyRead,
  context: Omit<SchemeContext, 'mistakes' | 'path'>,
): CompiledScheme | undefined {
  const place = at(root, 'authenticate')
  // What is there and cannot be used is not missing as well.
  const unusable = root.mistakes.has(place.path) || root.mistakes.has(at(root, 'public').path)
  if (read.authenticate === undefined && read.public === undefined && !unusable) {
    report(
      place,
      'missing_option',
      'is missing, and the policy does not say that it is public.',
      "Write authenticate: jwt({ ... }), or public: 'why everybody may call this'.",
    )
  }
  if (read.authenticate !== undefined && read.public !== undefined) {
    report(
      at(root, 'public'),
      'contradiction',
      'opens everything, and the policy has "authenticate".',
      "Leave it out, and write { public: 'why' } in the rule of each public route.",
    )
  }
  return read.authenticate && compileScheme(place, read.authenticate, context)
}

/** On unless the policy says why not: silence is a rule here, too. */
function compileCrossSites(
  root: Place,
  read: PolicyRead,
  { trust }: CorsGuard,
  scheme: CompiledScheme | undefined,
): CrossSiteGuards {
  const place = at(root, 'crossSite')
  if (read.dangerouslyCrossSite === undefined)
    return compileCrossSite(place, read.crossSite, { cors: trust, keyFields: keyFieldsOf(scheme) })
  if (read.crossSite !== undefined) {
    report(
      place,
      'contradiction',
      'says who may act from other sites, and "dangerouslyCrossSite" lets every site.',
      'Leave one of the two out.',
    )
  }
  return NO_CROSS_SITE
}

/**
 * The fields that carry keys, as the scheme describes them. What else a scheme reads may have been put there by a proxy, in
 * place of a cookie.
 */
function keyFieldsOf(scheme: CompiledScheme | undefined): readonly string[] {
  if (scheme === undefined) return []
  const { securitySchemes } = describeScheme(scheme)
  return Object.values(securitySchemes).flatMap((one) =>
    one.type === 'apiKey' && one.in === 'header' && one.name !== undefined ? [one.name.toLowerCase()] : [],
  )
}

/** Names the metadata of the API in every challenge (RFC 9728 §5.1, PRM-01). */
function pointingTo(url: string | undefined, scheme: CompiledScheme): CompiledScheme {
  if (url === undefined) return scheme
  const { name, fields, queryFields, authSchemes, fresh } = scheme
  return {
    name,
    fields,
    ...(queryFields !== undefined && { queryFields }),
    ...(authSchemes !== undefined && { authSchemes }),
    ...(fresh !== undefined && { fresh }),
    // Not spread: a scheme of somebody's own may be an instance, whose methods would stay behind.
    identify: (request) => scheme.identify(request),
    challenges: (params) => scheme.challenges([...params, ['resource_metadata', url]]),
    describe: () => describeScheme(scheme),
  }
}

/** What scripts of other origins may read, since the policy sends it (COR-20). */
function exposedFields(read: PolicyRead, scheme: CompiledScheme | undefined): readonly string[] {
  const says = (option: 'rateLimit' | 'concurrency'): boolean =>
    read[option] !== undefined || inRules(read, option)
  const limited = says('rateLimit')
  const keyed = inRules(read, 'idempotency')
  // A scheme says it, too: of one who failed too often, and while what it asks does not answer.
  const retries = limited || says('concurrency') || read.shed !== undefined || keyed || scheme !== undefined
  return [
    ...(limited ? fieldNames(read.rateLimitFields) : []),
    ...(retries ? ['Retry-After'] : []),
    ...(keyed ? ['Idempotency-Replayed'] : []),
    ...(scheme === undefined ? [] : ['WWW-Authenticate']),
    // RFC 9449 §8: a client in a browser needs the nonce for its next proof.
    ...(scheme?.fields.includes('dpop') === true ? ['DPoP-Nonce'] : []),
  ]
}

/** Whether a rule of the policy has an option. */
function inRules({ routes }: PolicyRead, option: string): boolean {
  return routes.some(([, rule]) => typeof rule === 'object' && rule !== null && option in rule)
}
