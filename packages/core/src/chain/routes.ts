import { METHODS } from '../lib/http.ts'
import { type Place, report } from '../options/read.ts'

/** A pattern of the `routes` of a policy, read. */
export interface RoutePattern {
  /** As it was written: the name of the rule in events. */
  readonly text: string
  /** Upper case; `undefined` for every method. */
  readonly method: string | undefined
  readonly segments: readonly string[]
  /** Ends in `/*`: matches the folder and everything below it. */
  readonly wild: boolean
  /** Names of `:name` segments, with their position. */
  readonly params: readonly (readonly [name: string, index: number])[]
}

/** A pattern and what belongs to it. */
export interface Route<T> {
  readonly pattern: RoutePattern
  readonly value: T
  /**
   * Bind only the exact spelling of the pattern. Public rules are exact, so that no other spelling of a path becomes
   * public with them; every other rule binds each spelling that some router could take for it.
   */
  readonly exact: boolean
}

/** Its maps are made when there is something to be put in them: most have one, and a policy has thousands of nodes. */
interface Node<T> {
  literals: Map<string, Node<T>> | undefined
  any: Node<T> | undefined
  /** Rules that end here, by method; `*` for every method. */
  ends: Rules<T> | undefined
  /** Rules that end here in a wildcard. */
  wilds: Rules<T> | undefined
}

type Rules<T> = Map<string, Route<T>>

const NONE: readonly never[] = Object.freeze([])

const INSTEAD = "Write 'GET /path', '/path/:name' or '/path/*'."

/** Reads a pattern: an optional method, a space, and a path of literal segments, `:name` segments and a last `*`. */
export function readPattern(place: Place, text: string): RoutePattern | undefined {
  const space = text.indexOf(' ')
  const method = space === -1 ? undefined : text.slice(0, space)
  const path = space === -1 ? text : text.slice(space + 1)
  if (method !== undefined && !METHODS.includes(method)) {
    return report(place, 'malformed_value', `starts with "${method}", which is not a method.`, INSTEAD)
  }
  if (!path.startsWith('/'))
    return report(place, 'malformed_value', 'has a path that does not start with "/".', INSTEAD)
  const wild = path === '/*' || path.endsWith('/*')
  const body = wild ? path.slice(1, -2) : path.slice(1)
  const segments = body === '' ? [] : body.split('/')
  const params: [string, number][] = []
  // Without an iterator, as in `readOptions`.
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] ?? ''
    if (segment === '' && index !== segments.length - 1) {
      return report(place, 'malformed_value', 'has an empty segment.', INSTEAD)
    }
    if (segment.startsWith(':')) {
      const name = segment.slice(1)
      if (!/^[A-Za-z_]\w*$/.test(name))
        return report(place, 'malformed_value', `names a part "${segment}".`, INSTEAD)
      if (name === '__proto__' || params.some(([other]) => other === name)) {
        return report(place, 'duplicate_value', `names the part "${segment}" twice, or badly.`, INSTEAD)
      }
      params.push([name, index])
    } else if (!/^[\w.~!$&'()+,;=@-]*$/.test(segment) || segment === '.' || segment === '..') {
      return report(
        place,
        'malformed_value',
        `has a segment "${segment}" that no canonical path has.`,
        INSTEAD,
      )
    }
  }
  return { text, method, segments, wild, params }
}

/**
 * Finds the rule of a path.
 *
 * The most specific pattern wins: a literal segment before a named one, that before a wildcard, and a pattern with
 * the method before one for every method. HEAD takes the rule of GET, no other method takes another's (AZ-06).
 *
 * A rule binds every spelling of its path that some router could take for it: another case, a trailing slash,
 * percent-encoded letters. Routers differ in these, and a rule that a router's tolerance slips past is no rule. For the
 * same reason a spelling may mean several routes: see {@link RouteTable.alternatives}.
 */
export class RouteTable<T> {
  readonly #root: Node<T> = node()
  /** Whole paths without parts, as written: one look-up for most requests. */
  readonly #literal = new Map<string, Node<T>>()

  /** Adds a route; gives back the route that already binds the same paths, if there is one. */
  add(route: Route<T>): Route<T> | undefined {
    const { pattern } = route
    let here = this.#root
    for (const segment of trimmed(pattern.segments)) {
      if (segment.startsWith(':')) here = here.any ??= node()
      else {
        const key = segment.toLowerCase()
        here.literals ??= new Map()
        const known = here.literals.get(key)
        const next = known ?? node<T>()
        if (known === undefined) here.literals.set(key, next)
        here = next
      }
    }
    const rules = rulesAt(here, pattern.wild)
    const method = pattern.method ?? '*'
    const other = rules.get(method)
    if (other !== undefined) return other
    rules.set(method, route)
    if (!pattern.wild && pattern.params.length === 0)
      this.#literal.set(`/${pattern.segments.join('/')}`, here)
    return undefined
  }

  /**
   * The route of a request, or `undefined` when none binds it.
   *
   * @param pass hears of each open route before it that would bind the path if it were spelled as the pattern is
   */
  find(method: string, path: string, pass?: (route: Route<T>) => void): Route<T> | undefined {
    // RFC 9112 §3.2.4: `OPTIONS *` is about the server, and no pattern is.
    if (!path.startsWith('/')) return undefined
    const literal = this.#literal.get(path)
    const whole = literal && bindingAt(literal.ends, method, path)
    return whole ?? search(this.#root, widest(path), 0, bindsAt(method, path, pass))
  }

  /**
   * The guarded routes that some router could take the path for instead of the one that was found: none, unless that one
   * binds it by another spelling of its literal segments. Some routers decode those before they compare them, and some
   * compare without regard to case: `/users/%6de` is `/users/me` to the one, and `/users/:id` to the other.
   */
  alternatives({ pattern, exact }: Route<T>, method: string, path: string): readonly Route<T>[] {
    // A text that ends in the path is that of the path itself, since both have as many segments.
    if (exact || pattern.text.endsWith(path) || isSent(pattern, path)) return NONE
    const sent = trimmed(path.slice(1).split('/'))
    const found = new Set<Route<T>>()
    for (const { segments, fold } of [
      { segments: sent, fold: asIs },
      { segments: sent, fold: lower },
      { segments: sent.map(decoded), fold: asIs },
    ]) {
      const binds = bindsAt<T>(method, path)
      const other = search<T>(this.#root, widest(path), 0, (rules) =>
        binds(rules, (route) => isRead(route.pattern, segments, fold)),
      )
      if (other !== undefined && !other.exact && other.pattern !== pattern) found.add(other)
    }
    return [...found]
  }
}

function node<T>(): Node<T> {
  return { literals: undefined, any: undefined, ends: undefined, wilds: undefined }
}

function rulesAt<T>(here: Node<T>, wild: boolean): Rules<T> {
  if (wild) return (here.wilds ??= new Map())
  return (here.ends ??= new Map())
}

/** Without the empty last segment that a trailing slash leaves. */
function trimmed(segments: readonly string[]): readonly string[] {
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments
}

/** Picks the rule among those that end at one node; of those alone that `fits`. */
type Pick<T> = (rules: Rules<T> | undefined, fits?: (route: Route<T>) => boolean) => Route<T> | undefined

/** Picks the rule for a method, unless it is exact and the path is spelled otherwise. */
function bindsAt<T>(method: string, path: string, pass?: (route: Route<T>) => void): Pick<T> {
  return (rules, fits) => bindingAt(rules, method, path, pass, fits)
}

function bindingAt<T>(
  rules: Rules<T> | undefined,
  method: string,
  path: string,
  pass?: (route: Route<T>) => void,
  fits?: (route: Route<T>) => boolean,
): Route<T> | undefined {
  if (rules === undefined) return undefined
  // RFC 9110 §9.3.2: HEAD is GET without the content, so what guards GET guards it.
  for (let name: string | undefined = method; name !== undefined; name = after(name)) {
    const route = rules.get(name)
    if (route === undefined) continue
    if (route.exact && !isSpelled(route.pattern, path)) pass?.(route)
    else if (fits === undefined || fits(route)) return route
  }
  return undefined
}

/** Whose rule counts where a method has none of its own. */
function after(name: string): string | undefined {
  if (name === 'HEAD') return 'GET'
  return name === '*' ? undefined : '*'
}

/** Depth first, the specific branch first. A node is entered at most once, so the work is bounded by the table. */
function search<T>(
  here: Node<T>,
  segments: readonly string[],
  depth: number,
  pick: Pick<T>,
): Route<T> | undefined {
  const segment = segments[depth]
  if (segment === undefined) return pick(here.ends) ?? pick(here.wilds)
  const literal = here.literals?.get(segment)
  const found = literal && search(literal, segments, depth + 1, pick)
  if (found !== undefined) return found
  const named = here.any && search(here.any, segments, depth + 1, pick)
  return named ?? pick(here.wilds)
}

/** The segments of a path in its widest reading. */
function widest(path: string): readonly string[] {
  return trimmed(canonical(path).slice(1).split('/'))
}

/** The widest reading of a path: percent-encoded characters decoded, lower case. */
function canonical(path: string): string {
  if (!path.includes('%')) return path.toLowerCase()
  try {
    return decodeURIComponent(path).toLowerCase()
  } catch {
    // Not UTF-8: the request check refuses it, and no pattern has such bytes.
    return path.toLowerCase()
  }
}

/** Whether the literal segments of a path are spelled as the pattern spells them. */
export function isSpelled(pattern: RoutePattern, path: string): boolean {
  const segments = path.slice(1).split('/')
  if (
    pattern.wild
      ? segments.length <= pattern.segments.length
      : segments.length !== Math.max(1, pattern.segments.length)
  ) {
    return false
  }
  return pattern.segments.every((segment, index) => segment.startsWith(':') || segment === segments[index])
}

/** Whether the literal segments of a pattern are those of a path, character by character. */
function isSent({ segments }: RoutePattern, path: string): boolean {
  const count = segments.at(-1) === '' ? segments.length - 1 : segments.length
  let from = 1
  for (let index = 0; index < count; index++) {
    const segment = segments[index] ?? ''
    const slash = path.indexOf('/', from)
    const to = slash === -1 ? path.length : slash
    if (!segment.startsWith(':') && (to - from !== segment.length || !path.startsWith(segment, from)))
      return false
    from = to + 1
  }
  return true
}

/** Whether the literal segments of a pattern are those of a path, to a router that compares them so. */
function isRead(
  pattern: RoutePattern,
  segments: readonly string[],
  fold: (segment: string) => string,
): boolean {
  return trimmed(pattern.segments).every(
    (segment, index) => segment.startsWith(':') || fold(segment) === fold(segments[index] ?? ''),
  )
}

const asIs = (segment: string): string => segment
const lower = (segment: string): string => segment.toLowerCase()

/** The named parts of a path, decoded. */
export function paramsOf(pattern: RoutePattern, path: string): Readonly<Record<string, string>> {
  const segments = path.slice(1).split('/')
  const params: Record<string, string> = {}
  for (const [name, index] of pattern.params) params[name] = decoded(segments[index] ?? '')
  return params
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
