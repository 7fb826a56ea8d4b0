import type { Counted } from '../../contract/limits.ts'
import { type Principal, principalKey } from '../../contract/principal.ts'
import type { RequestFacts } from '../../contract/request.ts'
import { addressKey, parseIp } from '../../lib/ip.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import { combinedKey, type KeyKind, keyPart, keyPrefix } from '../../limiting/keys.ts'

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

/** How a limit finds its counters. */
export interface Keys {
  /** The key of a request's counter; `undefined` when it has none. Throws what a function of the policy throws. */
  readonly ofRequest: (request: RequestFacts) => string | undefined
  /** The key of somebody by name; `undefined` for what the limit does not count. Throws what `normalize` throws. */
  readonly ofCounted: (who: readonly Counted[]) => string | undefined
}

/** How one word finds its part of a key. */
interface Word {
  readonly ofRequest: (request: RequestFacts) => string | undefined
  readonly ofCounted: (who: Counted) => string | undefined
}

/** Compiles the `by` of a limit: one word, or several that make one key together. */
export function compileKeys(name: string, by: readonly CountedBy[], context: KeyContext): Keys {
  const prefix = keyPrefix(name)
  const words = by.map((word) => (typeof word === 'function' ? ownWord(word, context) : WORDS[word](context)))
  const [only] = words
  if (only !== undefined && words.length === 1) return keysOfOne(prefix, only)
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

function keysOfOne(prefix: string, word: Word): Keys {
  return {
    ofRequest(request) {
      const part = word.ofRequest(request)
      return part === undefined ? undefined : prefix + part
    },
    ofCounted([who, more]) {
      const part = who === undefined || more !== undefined ? undefined : word.ofCounted(who)
      return part === undefined ? undefined : prefix + part
    },
  }
}

const WORDS: Readonly<Record<Extract<CountedBy, string>, (context: KeyContext) => Word>> = {
  client: (context) => ({
    ofRequest: clientOf('client', context),
    ofCounted: clientByName('client', context),
  }),
  principal(context) {
    // Where nobody is authenticated each client counts, apart from a caller who is called like an address.
    const anonymous = clientOf('anonymous', context)
    const named = clientByName('anonymous', context)
    return {
      ofRequest: (request) =>
        request.principal === undefined
          ? anonymous(request)
          : keyPart('principal', principalKey(request.principal)),
      ofCounted: (who) => (typeof who === 'string' ? named(who) : keyPart('principal', principalKey(who))),
    }
  },
  key: ({ normalize }) => ({
    ofRequest({ principal }) {
      const id: unknown = principal === undefined ? undefined : Reflect.get(principal, 'keyId')
      return typeof id === 'string' ? textPart('key', id, normalize) : undefined
    },
    ofCounted: byText('key', normalize),
  }),
  tenant: ({ tenant, normalize }) => ({
    ofRequest: ({ principal }) =>
      principal === undefined || tenant === undefined
        ? undefined
        : textPart('tenant', tenant(principal), normalize),
    ofCounted: byText('tenant', normalize),
  }),
  route({ route }) {
    const part = keyPart('route', route)
    // A limit of a rule counts that one, which has no name to tell it by.
    const ofCounted = (who: Counted): string | undefined =>
      typeof who === 'string' ? keyPart('route', route === '' ? '' : who) : undefined
    return { ofRequest: () => part, ofCounted }
  },
}

function ownWord(by: Exclude<CountedBy, string>, { normalize }: KeyContext): Word {
  return {
    ofRequest: (request) => textPart('own', by(request), normalize),
    ofCounted: byText('own', normalize),
  }
}

/** The address is canonical already: one client has one key, however it is written (RL-27). */
function clientOf(kind: KeyKind, { ipv6Prefix }: KeyContext): Word['ofRequest'] {
  if (ipv6Prefix === undefined) {
    return ({ clientKey }) => (clientKey === undefined ? undefined : keyPart(kind, clientKey))
  }
  // PRX-09: a rung of a ladder counts the same client by another part of its address.
  return ({ client }) => (client === undefined ? undefined : keyPart(kind, addressKey(client, ipv6Prefix)))
}

function clientByName(kind: KeyKind, { ipv6Prefix, clientPrefix }: KeyContext): Word['ofCounted'] {
  return (who) => {
    const ip = typeof who === 'string' ? parseIp(who) : undefined
    return ip === undefined ? undefined : keyPart(kind, addressKey(ip, ipv6Prefix ?? clientPrefix))
  }
}

function byText(kind: KeyKind, normalize: KeyContext['normalize']): Word['ofCounted'] {
  return (who) => (typeof who === 'string' ? textPart(kind, who, normalize) : undefined)
}

/** What a function of the policy gave, or says of a text; nothing, and an empty text, is no key. */
function textPart(kind: KeyKind, value: unknown, normalize: KeyContext['normalize']): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw notUsable(value)
  const text: unknown = normalize === undefined ? value : normalize(value)
  if (typeof text !== 'string') throw notUsable(text)
  return text === '' ? undefined : keyPart(kind, text)
}

/**
 * What a function of the policy gave cannot be used. A promise is waited for by nobody, so its rejection is taken
 * care of here: it would end the process.
 */
export function notUsable(value: unknown): TypeError {
  if (isPromiseLike(value)) void value.then(undefined, () => undefined)
  return new TypeError('A function of a limit gave something else than a key or a cost')
}
