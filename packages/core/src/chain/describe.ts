import type { AddressRules } from '../checks/address.ts'
import { readConcurrency } from '../checks/concurrency/read.ts'
import { readContent } from '../checks/content/options.ts'
import type { Placed } from '../checks/rate-limit/read-parts.ts'
import { readLimits } from '../checks/rate-limit/read.ts'
import type { Priority } from '../checks/shed.ts'
import { Mistakes } from '../contract/mistakes.ts'
import type { CompiledScheme } from '../contract/scheme.ts'
import { describeScheme } from '../identity/combined.ts'
import type { ScopeDemand } from '../options/access-rule.ts'
import { isPlainObject, type Place } from '../options/read.ts'
import type { CheckName } from './order.ts'
import type { PolicyRead } from './read-policy.ts'
import type { RoutePattern } from './routes.ts'
import type { CompiledRouteRule, CompiledRule } from './compiled-rule.ts'

/** Which addresses a rule takes, as they were written; `'(list)'` for a list that can be replaced. */
export interface AddressesDescription {
  /** Whom it takes; `undefined` when it takes everybody who is not denied. */
  readonly allow: readonly string[] | undefined
  /** Whom it refuses, even where `allow` names them; `undefined` when nobody. */
  readonly deny: readonly string[] | undefined
}

/** What content a rule takes. */
export interface ContentDescription {
  /** Media types; `['any']` for every one. */
  readonly types: readonly string[]
  /** The most bytes that are read, both as they come and decoded. */
  readonly maxBytes: number
}

/** One rule of a gate, in words and names: what `gate.routes()` lists. */
export interface RouteDescription {
  /** The path of the pattern; `default` for what no pattern binds, the name of an added rule. */
  readonly pattern: string
  /** Where the rule comes from: the policy's `routes`, nowhere, or `gate.allow`. */
  readonly source: 'routes' | 'default' | 'allow'
  /** The methods that it binds, HEAD with GET (AZ-06); `['*']` for every method. */
  readonly methods: readonly string[]
  /** Whether it needs a caller, takes one, or is open. */
  readonly access: 'public' | 'optional' | 'caller'
  /** Why it is open, in its author's words. */
  readonly reason: string | undefined
  /** The schemes by which a caller is known. */
  readonly schemes: readonly string[]
  /** The scopes that a caller needs: all of them, or one. */
  readonly scopes: ScopeDemand | undefined
  /** The roles of which a caller needs one, as they were written: roles that include them are not listed. */
  readonly roles: readonly string[]
  /** The permissions that a caller needs, all of them. */
  readonly permissions: readonly string[]
  /** The part of the path that names the tenant, or `(request)` for a function. */
  readonly tenant: string | undefined
  /** The stronger or more recent authentication that it asks for; `maxAge` is in seconds. */
  readonly stepUp:
    | {
        /** The authentication contexts of which one is enough; `undefined` when any will do. */
        readonly acr: readonly string[] | undefined
        /** How many seconds ago the caller may have logged in at most; `undefined` when that does not matter. */
        readonly maxAge: number | undefined
      }
    | undefined
  /** Whether a predicate is asked. */
  readonly when: boolean
  /** Who decides about the object of a request. */
  readonly object: 'gate' | 'handler' | undefined
  /** The names of the deny rules, the policy's among them. */
  readonly deny: readonly string[]
  /** The rules about addresses, the policy's before its own: a client has to satisfy all of them. */
  readonly addresses: readonly AddressesDescription[]
  /** The names of the limits, the policy's among them. */
  readonly limits: readonly string[]
  /** The names of the limits of concurrency, the policy's among them. */
  readonly concurrency: readonly string[]
  /** How important it is while load is shed. */
  readonly priority: Priority
  /** What content it takes; `undefined` where that is left to the handler. */
  readonly content: ContentDescription | undefined
  /** How long a request may take, in seconds; `undefined` for as long as it likes, and in an added rule that says nothing. */
  readonly timeout: number | undefined
  /** Whether requests with an idempotency key are carried out once, and whether every request needs one. */
  readonly idempotency: 'optional' | 'required' | undefined
  /** Why pages of every other site may act here; `undefined` where they may not. */
  readonly crossSite: string | undefined
  /** The set of security headers that its responses begin with. */
  readonly headers: 'api' | 'page'
  /** The origins whose pages may call it, as they were written; of an added rule, those of the policy's rule hold. */
  readonly origins: readonly string[]
  /** The checks that only tell. */
  readonly shadow: readonly CheckName[]
}

/** What a rule is described with. */
export interface DescribedBy {
  readonly source: RouteDescription['source']
  readonly pattern: RoutePattern | undefined
  readonly policy: PolicyRead
  readonly scheme: CompiledScheme | undefined
}

/** Describes a rule, as it was compiled. */
export function describeRule(rule: CompiledRule | CompiledRouteRule, by: DescribedBy): RouteDescription {
  const { read, access } = rule
  const { policy, pattern, source } = by
  const open = access.caller === 'none' ? 'public' : access.caller
  const ofPolicy = source === 'allow' ? [] : (policy.deny ?? [])
  return {
    pattern: pattern === undefined ? rule.name : `/${pattern.segments.join('/')}${wildOf(pattern)}`,
    source,
    methods: methodsOf(source, pattern),
    access: open === 'needed' ? 'caller' : open,
    reason: read.public ?? read.optional ?? (open === 'public' ? policy.public : undefined),
    schemes: open === 'public' ? [] : schemesOf(by.scheme),
    scopes: read.scopes,
    roles: read.roles ?? [],
    permissions: read.permissions ?? [],
    tenant: typeof read.tenant === 'function' ? '(request)' : read.tenant,
    stepUp: read.stepUp && {
      acr: read.stepUp.acr,
      maxAge: read.stepUp.maxAge === undefined ? undefined : read.stepUp.maxAge / 1000,
    },
    when: read.when !== undefined,
    object: read.object === undefined ? undefined : read.object === 'handler' ? 'handler' : 'gate',
    deny: open === 'public' ? [] : [...ofPolicy, ...(read.deny ?? [])].map(({ name }) => name),
    addresses: [source === 'allow' ? undefined : policy.addresses, read.addresses].flatMap(addressesOf),
    limits: limitsOf(rule, by, 'rateLimit', readLimits),
    // A critical rule is above those of the whole server.
    concurrency: limitsOf(
      rule,
      by,
      'concurrency',
      readConcurrency,
      (limit) => read.priority !== 'critical' || limit.by.length > 0,
    ),
    priority: read.priority ?? 'normal',
    content: contentOf(read.content ?? (source === 'allow' ? undefined : policy.content)),
    timeout: timeoutOf(rule, source),
    idempotency: idempotencyOf(read.idempotency),
    crossSite: read.dangerouslyCrossSite ?? policy.dangerouslyCrossSite,
    headers: presetOf(read.headers ?? policy.headers),
    origins: source === 'allow' ? [] : rule.cors.guard.origins,
    shadow: [...policy.shadow],
  }
}

function wildOf({ wild, segments }: RoutePattern): string {
  if (!wild) return ''
  return segments.length === 0 ? '*' : '/*'
}

function methodsOf(source: RouteDescription['source'], pattern: RoutePattern | undefined): readonly string[] {
  const method = pattern?.method
  if (method === undefined || source !== 'routes') return ['*']
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

/** A scheme of several is known by its members' names, as OpenAPI writes them. */
function schemesOf(scheme: CompiledScheme | undefined): readonly string[] {
  if (scheme === undefined) return []
  const names = Object.keys(describeScheme(scheme).securitySchemes)
  return names.length === 0 ? [scheme.name] : names
}

/** The names of the limits that a rule has: they were read when it was compiled, and mistakes were reported then. */
function limitsOf<L extends { readonly name: string }>(
  rule: Pick<CompiledRule, 'name' | 'read'>,
  { source, policy }: DescribedBy,
  option: 'rateLimit' | 'concurrency',
  read: (place: Place, value: unknown, defaultName: string) => readonly Placed<L>[],
  binds: (limit: L) => boolean = () => true,
): readonly string[] {
  const own = rule.read[option]
  const limits = (value: unknown, fallback: string): readonly L[] =>
    value === undefined || value === 'exempt'
      ? []
      : read({ mistakes: new Mistakes(), path: '' }, value, fallback).map(({ limit }) => limit)
  const ofPolicy = source === 'allow' || own === 'exempt' ? [] : limits(policy[option], 'default')
  return [...ofPolicy.filter(binds), ...limits(own, rule.name)].map(({ name }) => name)
}

/** As they were written: they were read when the rule was compiled, and mistakes were reported then. */
function addressesOf(setting: unknown): readonly AddressesDescription[] {
  if (setting === undefined) return []
  const { allow, deny } = setting as AddressRules
  return [{ allow: listed(allow), deny: listed(deny) }]
}

function listed(addresses: AddressRules['allow']): readonly string[] | undefined {
  if (addresses === undefined) return undefined
  return Array.isArray(addresses) ? [...(addresses as readonly string[])] : ['(list)']
}

function contentOf(setting: unknown): ContentDescription | undefined {
  if (setting === undefined || setting === 'exempt') return undefined
  const rules = readContent({ mistakes: new Mistakes(), path: '' }, setting)
  return rules && { types: [...(rules.types?.keys() ?? ['any'])], maxBytes: rules.maxBytes }
}

/** An added rule that says nothing of it leaves the time that is running as it is. */
function timeoutOf(
  { read, timeoutMs }: CompiledRule | CompiledRouteRule,
  source: RouteDescription['source'],
): number | undefined {
  const isOwn = source !== 'allow' || read.timeout !== undefined
  return isOwn && timeoutMs !== undefined ? timeoutMs / 1000 : undefined
}

function idempotencyOf(setting: unknown): RouteDescription['idempotency'] {
  if (setting === undefined) return undefined
  return isPlainObject(setting) && setting['required'] === true ? 'required' : 'optional'
}

function presetOf(setting: unknown): 'api' | 'page' {
  const preset: unknown = isPlainObject(setting) ? setting['preset'] : setting
  return preset === 'page' ? 'page' : 'api'
}
