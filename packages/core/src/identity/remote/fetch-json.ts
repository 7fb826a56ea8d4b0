import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { httpModule, httpsModule } from '../../lib/builtins.ts'
import { startTimer } from '../../lib/timer.ts'
import { ForbiddenAddress, guardedLookup, mayAskHost, type ResolveAll } from './address.ts'
import { findHeadProblem, readJsonBody } from './answer.ts'
import { FAILED, type FetchFailure } from './failures.ts'
import { freshnessOf } from './freshness.ts'

/** What another server may be asked for, and how much of it is taken. */
export interface FetchRules {
  /** The milliseconds from the name to the last byte. */
  readonly timeout: number
  /** The most bytes of an answer. */
  readonly maxBytes: number
  /** PEM of the only authorities that are trusted; those of Node.js when absent. */
  readonly ca?: string | undefined
  readonly allowPrivateAddresses: boolean
  readonly dangerouslyAllowHttp: boolean
  /** Finds the addresses of a name; that of the system when absent. For tests. */
  readonly resolve?: ResolveAll
}

/** An answer. */
export interface Fetched {
  readonly ok: true
  /** The JSON. */
  readonly value: unknown
  /** For how many milliseconds the answer says that it is fresh; `undefined` when it does not say. */
  readonly maxAgeMs: number | undefined
}

/** What became of a request. */
export type FetchResult = Fetched | FetchFailure

/** Asks servers for JSON. */
export interface Fetcher {
  /** Gets a JSON text. Never rejects. */
  readonly getJson: (url: string) => Promise<FetchResult>
  /** Posts a form, which is answered with a JSON text. Never rejects. */
  readonly postForm: (
    url: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<FetchResult>
  /** Aborts what is under way; what is asked for later fails at once. */
  readonly close: () => void
}

interface Question {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: string | undefined
}

const GET: Question = { method: 'GET', headers: {}, body: undefined }

/**
 * Makes a fetcher that takes nothing but a small JSON text, from the very server that was named, in time (JWKS-01).
 *
 * It follows no redirect, takes no compressed answer, keeps no connection, and goes to addresses of the Internet
 * alone unless it is told otherwise. Nothing of it keeps the process alive (REQ-17).
 *
 * `fetch` would not do: it follows its own look-up, so that between looking at an address and connecting to it the
 * address may change.
 */
export function createFetcher(rules: FetchRules): Fetcher {
  const underWay = new Set<AbortController>()
  let closed = false

  async function ask(address: string, question: Question): Promise<FetchResult> {
    if (closed) return FAILED.closed
    const url = URL.canParse(address) ? new URL(address) : undefined
    const refused = url === undefined ? FAILED.url : findUrlProblem(url, rules)
    if (url === undefined || refused !== undefined) return refused ?? FAILED.url
    const abort = new AbortController()
    underWay.add(abort)
    let late = false
    const stopTimer = startTimer(rules.timeout, () => {
      late = true
      abort.abort()
    })
    const result = await exchange(url, question, rules, abort.signal)
    stopTimer()
    underWay.delete(abort)
    if (!result.ok && late) return FAILED.timeout
    return !result.ok && abort.signal.aborted ? FAILED.closed : result
  }

  return {
    getJson: (url) => ask(url, GET),
    postForm(url, form, headers = {}) {
      const body = new URLSearchParams({ ...form }).toString()
      const described = {
        ...headers,
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': Buffer.byteLength(body),
      }
      return ask(url, { method: 'POST', headers: described, body })
    },
    close() {
      closed = true
      for (const abort of underWay) abort.abort()
    },
  }
}

function findUrlProblem(url: URL, rules: FetchRules): FetchFailure | undefined {
  const allowed = url.protocol === 'https:' || (url.protocol === 'http:' && rules.dangerouslyAllowHttp)
  // RFC 9110 §4.2.4: userinfo in a URL is for those who mislead.
  if (!allowed || url.username !== '' || url.password !== '') return FAILED.url
  return mayAskHost(url.hostname, rules.allowPrivateAddresses) ? undefined : FAILED.address
}

/** One request, and its answer. Resolves exactly once, at the latest when the connection has closed. */
function exchange(
  url: URL,
  question: Question,
  rules: FetchRules,
  signal: AbortSignal,
): Promise<FetchResult> {
  return new Promise((resolve) => {
    let request: ClientRequest
    const settle = (result: FetchResult): void => {
      resolve(result)
      request.destroy()
    }
    try {
      const { request: send } = url.protocol === 'https:' ? httpsModule() : httpModule()
      request = send(url, requestOptions(question, rules, signal))
    } catch {
      // A field that cannot be written.
      resolve(FAILED.request)
      return
    }
    request.on('error', (error) => {
      settle(error instanceof ForbiddenAddress ? FAILED.address : FAILED.connection)
    })
    request.on('close', () => settle(FAILED.connection))
    request.on('socket', (socket) => {
      socket.unref()
      // The next address of a name is tried over a handle of its own.
      socket.once('connect', () => socket.unref())
    })
    request.on('response', (response) => readAnswer(response, rules, settle))
    request.end(question.body)
  })
}

function requestOptions(question: Question, rules: FetchRules, signal: AbortSignal): RequestOptions {
  return {
    method: question.method,
    headers: {
      // One that somebody gives cannot undo what protects: compression makes a bomb of a small answer.
      ...question.headers,
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'User-Agent': 'gatehouse',
    },
    // A connection of its own: none that is kept would be looked up, and checked, once for many answers.
    agent: false,
    lookup: guardedLookup(rules.allowPrivateAddresses, rules.resolve),
    signal,
    insecureHTTPParser: false,
    maxHeaderSize: 16_384,
    ...TLS,
    ...(rules.ca !== undefined && { ca: rules.ca }),
  }
}

/** Said aloud, so that no variable of the environment (NODE_TLS_REJECT_UNAUTHORIZED) unsays it. */
const TLS = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const

function readAnswer(
  response: IncomingMessage,
  { maxBytes }: FetchRules,
  settle: (result: FetchResult) => void,
): void {
  // The connection may break after the answer has begun; `close` tells that, too.
  response.on('error', () => settle(FAILED.connection))
  const problem = findHeadProblem(response, maxBytes)
  if (problem !== undefined) {
    settle(problem)
    return
  }
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) settle(FAILED.size)
    else chunks.push(chunk)
  })
  response.on('end', () => {
    if (!response.complete) return settle(FAILED.connection)
    const json = readJsonBody(Buffer.concat(chunks))
    if (!json.ok) return settle(json)
    const { 'cache-control': cacheControl, age } = response.headers
    settle({ ok: true, value: json.value, maxAgeMs: freshnessOf(cacheControl, age) })
  })
}
