import type { Counted } from '../../contract/limits.ts'
import { type Principal, principalKey } from '../../contract/principal.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { addressKey, parseIp } from '../../lib/ip.ts'
import type { KnownKeys } from '../../lib/known-keys.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import { combinedKey, type KeyKind, keyMaker, keyPrefix } from '../../limiting/keys.ts'

/** A word of a limit's `by`, or a function of the policy. */
export type CountedBy =
  'client' | 'principal' | 'key' | 'tenant' | 'route' | ((request: RequestFacts) => string | undefined)

const BEFORE_AUTHENTICATION: ReadonlySet<CountedBy> = new Set<CountedBy>(['client', 'route'])

/** Whether some word is known only once the caller is: then a limit is decided after authentication (RL-18). */
export function needsCaller(by: readonly CountedBy[]): boolean {
  return by.some((word) => !BEFORE_AUTHENTICATION.has(word))
}

/** What keys are made with besides the limit. */
export interface KeyContext {
  /** The rule that a limit of the whole policy is compiled for; empty for a limit of a rule. */
  readonly route: string
  /** What makes one spelling of several of a text; `undefined` when each counts. */
  readonly normalize: ((text: string) => string) | undefined
  /** How much of an IPv6 address is a client of this limit; that of the policy unless the limit says. */
  readonly ipv6Prefix: number | undefined
  readonly clientPrefix: number
  /** What a caller's tenant is, where the policy says. */
  readonly tenant: ((principal: Principal) => string | undefined) | undefined
}

/** A request, with the keys that are remembered of its client and its caller. */
export interface CountedRequest extends RequestFacts {
  readonly clientKeys?: KnownKeys | undefined
  readonly caller?: { readonly keys: KnownKeys } | undefined
}

/** How a limit finds its counters. */
export interface Keys {
  /** The key of a request's counter; `undefined` when it has none. Throws what a function of the policy throws. */
  readonly ofRequest: (request: CountedRequest) => string | undefined
  /** The key of somebody by name; `undefined` for what the limit does not count. Throws what `normalize` throws. */
  readonly ofCounted: (who: readonly Counted[]) => string | undefined
}

/** What a word makes its part of a key with. */
interface WordContext extends KeyContext {
  /** What the part begins with: the prefix of the limit, where the part is the key. */
  readonly start: string
}

/** How one word finds its part of a key. */
interface Word {
  readonly ofRequest: (request: CountedRequest) => string | undefined
  readonly ofCounted: (who: Counted) => string | undefined
}

/** Compiles the `by` of a limit: one word, or several that make one key together. */
export function compileKeys(name: string, by: readonly CountedBy[], context: KeyContext): Keys {
  const prefix = keyPrefix(name)
  const inContext = { ...context, start: by.length === 1 ? prefix : '' }
  const words = by.map((word) =>
    typeof word === 'function' ? ownWord(word, inContext) : WORDS[word](inContext),
  )
  const [only] = words
  if (only !== undefined && words.length === 1) return keysOfOne(only)
  return {
    ofRequest(request) {
      const parts: string[] = []
      for (const word of words) {
        const part = word.ofRequest(request)
        if (part === undefined) return undefined
        parts.push(part)
      }
      return combinedKey(prefix, parts)
    },
    ofCounted(who) {
      if (who.length !== words.length) return undefined
      const parts: string[] = []
      for (const [index, one] of who.entries()) {
        const part = words[index]?.ofCounted(one)
        if (part === undefined) return undefined
        parts.push(part)
      }
      return combinedKey(prefix, parts)
    },
  }
}

function keysOfOne({ ofRequest, ofCounted }: Word): Keys {
  return {
    ofRequest,
    ofCounted: ([who, more]) => (who === undefined || more !== undefined ? undefined : ofCounted(who)),
  }
}

const WORDS: Readonly<Record<Extract<CountedBy, string>, (context: WordContext) => Word>> = {
  client: (context) => ({
    ofRequest: clientOf('client', context),
    ofCounted: clientByName('client', context),
  }),
  principal(context) {
    // Where nobody is authenticated each client counts, apart from a caller who is called like an address.
    const anonymous = clientOf('anonymous', context)
    const named = clientByName('anonymous', context)
    const keyOf = keyMaker(context.start, 'principal')
    const ofCaller = (who: Exclude<Counted, string>): string => keyOf(principalKey(who))
    return {
      ofRequest(request) {
        const { principal, caller } = request
        if (principal === undefined) return anonymous(request)
        return caller === undefined ? ofCaller(principal) : caller.keys.of(ofCaller, principal)
      },
      ofCounted: (who) => (typeof who === 'string' ? named(who) : ofCaller(who)),
    }
  },
  key(context) {
    const ofText = textOf('key', context)
    return {
      ofRequest({ principal }) {
        const id: unknown = principal === undefined ? undefined : Reflect.get(principal, 'keyId')
        return typeof id === 'string' ? ofText(id) : undefined
      },
      ofCounted: byText(ofText),
    }
  },
  tenant(context) {
    const { tenant } = context
    const ofText = textOf('tenant', context)
    return {
      ofRequest: ({ principal }) =>
        principal === undefined || tenant === undefined ? undefined : ofText(tenant(principal)),
      ofCounted: byText(ofText),
    }
  },
  route({ route, start }) {
    const keyOf = keyMaker(start, 'route')
    const part = keyOf(route)
    // A limit of a rule counts that one, which has no name to tell it by.
    const ofCounted = (who: Counted): string | undefined =>
      typeof who === 'string' ? keyOf(route === '' ? '' : who) : undefined
    return { ofRequest: () => part, ofCounted }
  },
}

function ownWord(by: Exclude<CountedBy, string>, context: WordContext): Word {
  const ofText = textOf('own', context)
  return { ofRequest: (request) => ofText(by(request)), ofCounted: byText(ofText) }
}

/** The address is canonical already: one client has one key, however it is written (RL-27). */
function clientOf(kind: KeyKind, { ipv6Prefix, start }: WordContext): Word['ofRequest'] {
  const keyOf = keyMaker(start, kind)
  // PRX-09: a rung of a ladder counts the same client by another part of its address.
  const ofClient = ({ client, clientKey }: RequestFacts): string | undefined => {
    const address = ipv6Prefix === undefined ? clientKey : client && addressKey(client, ipv6Prefix)
    return address === undefined ? undefined : keyOf(address)
  }
  return (request) => {
    const { clientKeys } = request
    return clientKeys === undefined ? ofClient(request) : clientKeys.of(ofClient, request)
  }
}

function clientByName(kind: KeyKind, { ipv6Prefix, clientPrefix, start }: WordContext): Word['ofCounted'] {
  const keyOf = keyMaker(start, kind)
  return (who) => {
    const ip = typeof who === 'string' ? parseIp(who) : undefined
    return ip === undefined ? undefined : keyOf(addressKey(ip, ipv6Prefix ?? clientPrefix))
  }
}

function byText(ofText: (value: unknown) => string | undefined): Word['ofCounted'] {
  return (who) => (typeof who === 'string' ? ofText(who) : undefined)
}

/** Of what a function of the policy gave, or says of a text; nothing, and an empty text, is no key. */
function textOf(kind: KeyKind, { normalize, start }: WordContext): (value: unknown) => string | undefined {
  const keyOf = keyMaker(start, kind)
  return (value) => {
    if (value === undefined || value === '') return undefined
    if (typeof value !== 'string') throw notUsable(value)
    const text: unknown = normalize === undefined ? value : normalize(value)
    if (typeof text !== 'string') throw notUsable(text)
    return text === '' ? undefined : keyOf(text)
  }
}

/**
 * What a function of the policy gave cannot be used. A promise is waited for by nobody, so its rejection is taken
 * care of here: it would end the process.
 */
export function notUsable(value: unknown): TypeError {
  if (isPromiseLike(value)) void value.then(undefined, () => undefined)
  return new TypeError('A function of a limit gave something else than a key or a cost')
}
