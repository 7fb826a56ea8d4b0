import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import type { Fields } from '../contract/check.ts'
import type { ResponseFields } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { cookieName } from '../lib/cookies.ts'
import { mergeVary } from '../lib/field-list.ts'
import { fieldLines, fieldsOfLines, lowerCase, varyLine, withoutField } from '../lib/field-lines.ts'
import { ServerResponse } from '../lib/http.ts'
import { rememberedOfFrozen } from '../lib/remembered.ts'
import { joinContent } from './join-content.ts'

/** What the gate adds to the responses of one rule, computed when the policy is compiled. */
export interface FinishPlan {
  readonly sources: readonly ResponseFields[]
  /** Every name, in lower case, that the plan may add, merge or take off: a response without them needs no care. */
  readonly names: ReadonlySet<string>
  /** Those of them that its sources add. */
  readonly offered: ReadonlySet<string>
  /** Names, in lower case, that no response carries: they tell an attacker what runs here (HDR-05). */
  readonly removed: ReadonlySet<string>
  /** The request fields that responses depend on. */
  readonly vary: readonly string[]
  /** What may become of the `Cache-Control` of answers to an authenticated caller (HDR-03). */
  readonly cache: 'no-store' | 'private' | 'handler'
  /** Whether the fields have room for a nonce (HDR-06). */
  readonly nonced: boolean
  /** What a 401 that somebody else wrote challenges with: it must challenge (AUT-01). */
  readonly challenge: Fields
}

/** What the finisher needs to know of a request. */
export interface Finishable {
  readonly facts: RequestFacts
  readonly plan: FinishPlan
  /** Fields that checks gave on their way. */
  readonly fields: Fields
  /** Fields that checks gave as lines: their names are among those of the plan. */
  readonly lines: string
  /** What the handler asked for to name its own scripts by; `undefined` while it has not. */
  readonly nonce: string | undefined
  /** Hears that the handler set a field otherwise than the gate. */
  readonly onConflict: (name: string, by: string, wins: ResponseFields['wins']) => void
}

type Given = OutgoingHttpHeaders | OutgoingHttpHeader[]
type WriteHead = (status: number, reason?: string | Given, given?: Given) => ServerResponse
type StoreHeader = (firstLine: string, fields: unknown) => void
type Finished = ServerResponse & { _storeHeader: StoreHeader } & Record<symbol, Finishing | undefined>
interface Finishing {
  readonly request: Finishable
  readonly writeHead: WriteHead
  /** Whether `writeHead` is node's own: what somebody else's makes of a header section is not known. */
  readonly isPlain: boolean
  /** What stands between the status line and the fields of the handler. */
  lines: string
}

/** How node:http writes a header section once it is decided; `undefined` on a line of Node that has another way. */
const nodeStoreHeader = (ServerResponse.prototype as Partial<Finished>)._storeHeader

/** Puts the gate's fields on a response, whoever writes it. */
export type Finisher = (res: ServerResponse, request: Finishable) => void

/**
 * Makes a finisher: it hooks `writeHead`, the one door that every header section of node:http leaves through (an
 * implicit one, too), and so comes after every handler, framework and error path.
 *
 * Each gate has a finisher of its own, so that two gates on one response each do their part.
 */
export function createFinisher(): Finisher {
  const key = Symbol('gatehouse.finishing')

  function writeHead(this: Finished, status: number, reason?: string | Given, given?: Given): ServerResponse {
    const finishing = this[key]
    if (finishing === undefined) throw new TypeError('The response lost its gate.')
    // A second header section is the caller's mistake: node:http says so, and nothing is touched.
    if (!this.headersSent) {
      const handed = typeof reason === 'string' ? given : (reason ?? given)
      const lines = finishing.isPlain ? readyLines(this, status, handed, finishing.request) : undefined
      // Not those of a header section before it that node:http refused.
      finishing.lines = lines ?? ''
      if (lines === undefined) {
        set(this, handed)
        finish(this, status, finishing.request)
        return typeof reason === 'string'
          ? finishing.writeHead.call(this, status, reason)
          : finishing.writeHead.call(this, status)
      }
      this._storeHeader = storeHeader
    }
    return finishing.writeHead.call(this, status, reason, given)
  }

  function storeHeader(this: Finished, firstLine: string, fields: unknown): void {
    nodeStoreHeader?.call(this, firstLine + (this[key]?.lines ?? ''), fields)
  }

  return (res, request) => {
    const finished = res as Finished
    // Called with its response as `this`, below.
    // oxlint-disable-next-line typescript/unbound-method
    const inner = res.writeHead as WriteHead
    const isPlain =
      inner === ServerResponse.prototype.writeHead &&
      nodeStoreHeader !== undefined &&
      finished._storeHeader === nodeStoreHeader
    finished[key] = { request, writeHead: inner, isPlain, lines: '' }
    res.writeHead = writeHead
    joinContent(res)
  }
}

/**
 * What the gate adds to a response, as lines that are put behind the status line as they are: node:http would look at
 * each name and value again, which takes longer than all checks together. It is for the many responses that have no field
 * which the gate has a say in; `undefined` for the others.
 */
function readyLines(
  res: ServerResponse,
  status: number,
  given: Given | undefined,
  request: Finishable,
): string | undefined {
  const { plan, fields } = request
  const isStoredNowhere = mayNotBeStored(request)
  // A policy may say itself what is then to be weighed.
  if (isStoredNowhere && plan.offered.has('cache-control')) return undefined
  const names = namesOf(res, given, plan)
  if (names === undefined) return undefined
  const ready = readied(fields)
  if (ready === undefined) return undefined
  let mayMeet = false
  for (const key of ready.keys) {
    // What must be merged or replaced is left to the careful way.
    if (names.includes(key)) return undefined
    mayMeet ||= plan.offered.has(key)
  }
  let lines = ''
  for (const source of plan.sources) {
    const added = fieldsOf(source, status, request)
    if (mayMeet && added.length > 0 && namesAny(source, fields)) return undefined
    const text = fieldLines(added)
    if (text === undefined) return undefined
    lines += text
  }
  const merged = varyLine(plan.vary, ready.vary)
  if (merged === undefined) return undefined
  lines += request.lines + ready.lines + merged
  if (isStoredNowhere && !ready.keys.includes('cache-control')) lines += 'Cache-Control: no-store\r\n'
  if (status === 401 && !ready.keys.includes('www-authenticate') && !names.includes('www-authenticate')) {
    const challenge = fieldLines(plan.challenge)
    if (challenge === undefined) return undefined
    lines += challenge
  }
  return lines
}

/** What is known of the fields that checks gave. */
interface Readied {
  /** Their names in lower case. */
  readonly keys: readonly string[]
  /** Their lines, without that of `Vary`. */
  readonly lines: string
  readonly vary: string | undefined
}

/** Looks at fields; `undefined` when they are not fit to be lines as they are. */
const readied = rememberedOfFrozen((fields: Fields): Readied | undefined => {
  const keys: string[] = []
  let vary: string | undefined
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const key = lowerCase(fields[i] ?? '')
    if (key === 'vary') {
      if (vary !== undefined) return undefined
      vary = fields[i + 1]
    }
    keys.push(key)
  }
  const lines = fieldLines(vary === undefined ? fields : withoutField(fields, 'vary'))
  return lines === undefined ? undefined : { keys, lines, vary }
})

/** Whether a source may add one of some fields. */
function namesAny({ names }: ResponseFields, fields: Fields): boolean {
  for (let i = 0; i < fields.length; i += 2) if (names.includes(lowerCase(fields[i] ?? ''))) return true
  return false
}

/**
 * The names, in lower case, of what a handler has set and handed to `writeHead`; `undefined` when the gate has a say in one
 * of them. What no response carries is taken off.
 */
function namesOf(
  res: ServerResponse,
  given: Given | undefined,
  { names, removed }: FinishPlan,
): readonly string[] | undefined {
  const found = res.getHeaderNames()
  for (const name of found) {
    if (!names.has(name)) continue
    if (!removed.has(name)) return undefined
    res.removeHeader(name)
  }
  if (given === undefined || given === null) return found
  const list = Array.isArray(given)
  const handed: readonly unknown[] = list ? given : Object.keys(given)
  for (let i = 0; i < handed.length; i += list ? 2 : 1) {
    const name = handed[i]
    // A list of pairs, or a mistake.
    if (typeof name !== 'string') return undefined
    const key = lowerCase(name)
    if (names.has(key)) return undefined
    found.push(key)
  }
  return found
}

/** Sets what was handed to `writeHead`, as node:http does: it replaces what was set before. */
function set(res: ServerResponse, given: Given | undefined): void {
  if (given === undefined || given === null) return
  if (!Array.isArray(given)) {
    for (const name of Object.keys(given)) {
      const value = given[name]
      // node:http refuses `undefined` with an error of its own; it is left to do so.
      res.setHeader(name, value as OutgoingHttpHeader)
    }
    return
  }
  // node:http takes a flat list, and a list of pairs.
  const list: readonly unknown[] = Array.isArray(given[0]) ? given.flat() : given
  if (list.length % 2 !== 0) {
    throw Object.assign(new TypeError('The list of fields has a name without a value.'), {
      code: 'ERR_INVALID_ARG_VALUE',
    })
  }
  for (let i = 0; i < list.length; i += 2) res.removeHeader(String(list[i]))
  for (let i = 0; i < list.length; i += 2) {
    const value = list[i + 1]
    res.appendHeader(String(list[i]), Array.isArray(value) ? value.map(String) : String(value))
  }
}

/** Adds what is due to a header section that is complete otherwise. */
function finish(res: ServerResponse, status: number, request: Finishable): void {
  const { plan } = request
  for (const name of res.getHeaderNames()) if (plan.removed.has(name)) res.removeHeader(name)
  for (const source of plan.sources) {
    const fields = fieldsOf(source, status, request)
    if (source.wins === 'gate') own(res, source, fields, request)
    else offer(res, source, fields, request)
  }
  append(res, request.lines === '' ? request.fields : [...fieldsOfLines(request.lines), ...request.fields])
  if (plan.vary.length > 0) res.setHeader('Vary', mergeVary(listText(res.getHeader('Vary')), plan.vary))
  if (mayNotBeStored(request)) store(res, request)
  if (status === 401 && !res.hasHeader('WWW-Authenticate')) append(res, plan.challenge)
}

/**
 * The fields of a source. A 304 has no nonce: it would update the policy of a stored page, whose scripts have another
 * (RFC 9111 §3.2).
 */
function fieldsOf(source: ResponseFields, status: number, { facts, nonce }: Finishable): Fields {
  return nonce === undefined || source.withNonce === undefined || status === 304
    ? source.fields(facts)
    : source.withNonce(nonce)
}

/** What an authenticated caller was told is nobody else's, and a nonce is good once (HDR-03, HDR-06). */
function mayNotBeStored({ facts, nonce }: Finishable): boolean {
  return facts.principal !== undefined || nonce !== undefined
}

/** The gate's value stands, and so does its silence: a field of the handler's that the gate owns is replaced or removed. */
function own(res: ServerResponse, source: ResponseFields, fields: Fields, request: Finishable): void {
  for (const name of source.names) {
    const given = res.getHeader(name)
    if (given === undefined) continue
    if (given !== valueOf(fields, name)) request.onConflict(name, source.name, 'gate')
    res.removeHeader(name)
  }
  for (let i = 0; i + 1 < fields.length; i += 2) res.setHeader(fields[i] ?? '', fields[i + 1] ?? '')
}

/** The handler's value stands (HDR-04); the gate's fills what is missing. */
function offer(res: ServerResponse, source: ResponseFields, fields: Fields, request: Finishable): void {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? ''
    const value = fields[i + 1] ?? ''
    const given = res.getHeader(name)
    if (given === undefined) res.setHeader(name, value)
    else if (given !== value) request.onConflict(name.toLowerCase(), source.name, 'handler')
  }
}

/** Whether a `Cache-Control` of a handler stands, by what the plan says of it. */
const STANDS: Readonly<Record<FinishPlan['cache'], (given: string) => boolean>> = {
  'no-store': (given) => hasDirective(given, 'no-store'),
  // RFC 9111 §3: a cache that finds both may go by either.
  private: (given) =>
    hasDirective(given, 'no-store') ||
    (hasDirective(given, 'private') && !/\b(?:public|s-maxage)\b/i.test(given)),
  handler: () => true,
}

/** Keeps an answer out of caches, unless the handler said what stands. */
function store(res: ServerResponse, request: Finishable): void {
  const given = listText(res.getHeader('Cache-Control'))
  const stands = STANDS[request.nonce === undefined ? request.plan.cache : 'no-store']
  if (given !== undefined && stands(given)) return
  if (given !== undefined) request.onConflict('cache-control', 'headers', 'gate')
  res.setHeader('Cache-Control', 'no-store')
}

/** Whether a list of cache directives has one, without an argument. A list with a quoted text could hold anything in it. */
function hasDirective(list: string, name: string): boolean {
  return !list.includes('"') && list.split(',').some((each) => each.trim().toLowerCase() === name)
}

/** Sets fields that may occur more than once, each occurrence as a field line of its own (RFC 9110 §5.3). */
function append(res: ServerResponse, fields: Fields): void {
  for (let i = 0; i + 1 < fields.length; i += 2) if (!isCookie(fields[i])) res.removeHeader(fields[i] ?? '')
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const value = fields[i + 1] ?? ''
    if (isCookie(fields[i])) addCookie(res, value)
    else res.appendHeader(fields[i] ?? '', value)
  }
}

function isCookie(name: string | undefined): boolean {
  return name?.toLowerCase() === 'set-cookie'
}

/** The cookies of the handler stay, and one of the same name is the later word: a session that ended is not renewed. */
function addCookie(res: ServerResponse, text: string): void {
  const given = res.getHeader('Set-Cookie')
  const existing = given === undefined ? [] : Array.isArray(given) ? given : [String(given)]
  if (existing.some((other) => cookieName(other) === cookieName(text))) return
  res.setHeader('Set-Cookie', [...existing, text])
}

function valueOf(fields: Fields, lowerName: string): string | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2)
    if (fields[i]?.toLowerCase() === lowerName) return fields[i + 1]
  return undefined
}

function listText(value: OutgoingHttpHeader | undefined): string | undefined {
  if (value === undefined) return undefined
  return Array.isArray(value) ? value.join(', ') : String(value)
}
