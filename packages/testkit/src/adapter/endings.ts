import assert from 'node:assert/strict'
import type { SecurityEvent } from '@gatehouse/core'
import type { Received } from '../http.ts'
import type { Bound } from './bound.ts'
import { turn, within } from './witness.ts'

/** How an answer of several pieces ends, and how a client that goes away does. */
export interface Ending {
  readonly name: string
  readonly run: (bound: Bound, patience: number) => Promise<void>
}

const FIELDS = ['Host', 'api.example.com']

/** What a client gets of an answer that may break off. */
interface Streamed {
  readonly status: number
  readonly sniffing: unknown
  readonly content: string
  /** The answer, where it came to its end. */
  readonly whole: Received | undefined
}

/** Asks for a stream; rejects when it neither ends nor breaks off. */
async function ask({ server, fixture: { watch } }: Bound, path: string, patience: number): Promise<Streamed> {
  watch.reset()
  let status = 0
  let sniffing: unknown
  let content = ''
  const onHead = (code: number, headers: Received['headers']): void => {
    status = code
    sniffing = headers['x-content-type-options']
  }
  const onPiece = (piece: string): void => {
    content += piece
    watch.arrived(piece)
  }
  const sent = server.send({ path, fields: FIELDS, onHead, onPiece }).catch(() => undefined)
  const whole = await within(patience, sent, `the answer of ${path} does not end`)
  await turn()
  assert.equal(watch.runs(), 1, 'the handler runs once')
  return { status, sniffing, content, whole }
}

/** The process goes on, and so does the gate. */
async function goesOn({ server, fixture: { watch } }: Bound): Promise<void> {
  watch.reset()
  const { status, headers } = await server.send({ path: '/open', fields: FIELDS })
  assert.deepEqual([status, headers['x-content-type-options'], watch.runs()], [200, 'nosniff', 1])
}

/** A client goes away before there is an answer, or with the first piece of one. */
async function leaves(
  { server, fixture: { gate, watch } }: Bound,
  path: string,
  patience: number,
): Promise<void> {
  watch.reset()
  const failed: string[] = []
  const tell = ({ outcome, kind }: SecurityEvent): void => {
    if (outcome === 'refused') failed.push(kind)
  }
  gate.events.on('event', tell)
  const leaving = new AbortController()
  const onPiece = (piece: string): void => {
    watch.arrived(piece)
    leaving.abort()
  }
  const ended = server.send({ path, fields: FIELDS, signal: leaving.signal, onPiece }).then(
    ({ status, body }) => assert.fail(`${path} is answered with ${status} ${body}`),
    () => undefined,
  )
  const { signal } = await Promise.race([watch.begun(), ended.then(() => watch.begun())])
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  if (path === '/waiting') leaving.abort()
  await within(patience, Promise.all([ended, aborted]), `${path}: the signal of the pass does not abort`)
  await turn()
  await turn()
  gate.events.off('event', tell)
  assert.equal(watch.runs(), 1, 'the handler runs once')
  // Whoever goes away must not be able to have the log say that a handler failed.
  assert.deepEqual(failed, [], 'it is told as a failure')
}

/** Twice: where the first does not give its permit back, the second is refused. */
function leavesTwice(path: string): Ending['run'] {
  return async (bound, patience) => {
    await leaves(bound, path, patience)
    await leaves(bound, path, patience)
    await goesOn(bound)
  }
}

/** What every adapter does where an answer does not come at once, whole. */
export const ENDINGS: readonly Ending[] = [
  {
    name: 'a stream comes as it is made, whole, with the fields of the gate',
    async run(bound, patience) {
      const { status, sniffing, content, whole } = await ask(bound, '/stream', patience)
      assert.deepEqual([status, sniffing, content], [200, 'nosniff', 'abc'])
      assert.equal(whole?.body, 'abc')
    },
  },
  {
    name: 'ERR-04: a stream that fails after its first piece is cut, and the next request is answered',
    async run(bound, patience) {
      const { status, sniffing, content, whole } = await ask(bound, '/stream/broken', patience)
      assert.deepEqual([status, sniffing, content], [200, 'nosniff', 'a'])
      // RFC 9112 §8, RFC 9113 §8.1: one that ended as it should would be taken for a whole one.
      assert.equal(whole, undefined, 'a client takes it for a whole answer')
      await goesOn(bound)
    },
  },
  {
    name: 'REQ-14: a client that goes away before the answer aborts the signal of the pass, and RL-16: its permit is given back',
    run: leavesTwice('/waiting'),
  },
  {
    name: 'REQ-14: a client that goes away in mid-answer aborts the signal of the pass, and RL-16: its permit is given back',
    run: leavesTwice('/stream/endless'),
  },
]

/** A stream that fails at once, where a framework waits for its first piece. */
export const ANSWERED: Ending = {
  name: 'ERR-01: a stream that fails at once is a problem, and the next request is answered',
  async run(bound, patience) {
    const { status, sniffing, whole } = await ask(bound, '/stream/failed', patience)
    assert.deepEqual([status, sniffing], [500, 'nosniff'])
    const { code } = JSON.parse(whole?.body ?? '{}') as { readonly code?: string }
    assert.equal(code, 'internal_error')
    assert.doesNotMatch(whole?.body ?? '', /secret detail/)
    await goesOn(bound)
  },
}

/** The same where it does not. */
export const CUT: Ending = {
  name: 'ERR-04: a stream that fails at once is cut, and the next request is answered',
  async run(bound, patience) {
    const { content, whole } = await ask(bound, '/stream/failed', patience)
    assert.deepEqual([content, whole], ['', undefined], 'it is answered: "cutsFailed" is not needed')
    await goesOn(bound)
  },
}

/** Runs something, and rejects when anything is thrown besides that nobody catches. */
export async function caught(run: () => Promise<void>): Promise<void> {
  const thrown: unknown[] = []
  const note = (error: unknown): void => void thrown.push(error)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  try {
    await run()
    await turn()
  } catch (error) {
    // What was thrown is why, where something was.
    if (thrown.length === 0) throw error
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note)
  }
  if (thrown.length > 0) throw new Error('Nobody catches what is thrown.', { cause: thrown[0] })
}
