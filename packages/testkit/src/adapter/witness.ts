import { Readable } from 'node:stream'
import type { JwtPrincipal, Pass } from '@gatehouse/core'

/** What the handlers of an app call, so that the suite sees what becomes of them behind the gate. */
export interface Witness {
  /** Each handler calls it before all else, with the pass as the adapter hands it on. */
  readonly ran: (pass: Pass<JwtPrincipal>) => void
  /**
   * What the routes of streams answer with: a stream that goes on when its client has what came before, so that an answer
   * that is held back until it is whole fails. It may break off, or never end: that is said by the path of the pass.
   */
  readonly stream: (pass: Pass<JwtPrincipal>) => Readable
  /** What a handler waits for as for a fetch: it rejects with the reason of the signal of the pass, once that aborts. */
  readonly wait: ({ signal }: Pass<JwtPrincipal>) => Promise<never>
}

/** The other side of a {@link Witness}: what the suite sees of the request that is under way. */
export interface Watch {
  readonly witness: Witness
  /** Forgets the request before. */
  readonly reset: () => void
  /** How often a handler ran. */
  readonly runs: () => number
  /** Who called, by the pass of each handler that ran. */
  readonly callers: () => readonly string[]
  /** The pass of the handler, once it runs. */
  readonly begun: () => Promise<Pass<JwtPrincipal>>
  /** Tells that a piece of content came to the client. */
  readonly arrived: (piece: string) => void
}

/** What streams consist of, and what they do then. */
const STREAMS: Readonly<Record<string, readonly [pieces: string, then: 'ends' | 'fails' | 'waits']>> = {
  '/stream': ['abc', 'ends'],
  '/stream/broken': ['a', 'fails'],
  '/stream/failed': ['', 'fails'],
  '/stream/endless': ['a', 'waits'],
}

/**
 * Makes both sides.
 *
 * @param patience how long a stream waits for its client, in milliseconds
 */
export function watch(patience: number): Watch {
  let passes: Pass<JwtPrincipal>[] = []
  let content = ''
  let waiting: (() => void)[] = []
  const wake = (): void => waiting.splice(0).forEach((go) => go())
  const until = async (isSo: () => boolean, what: string): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- what is waited for comes in steps
    while (!isSo()) await within(patience, new Promise<void>((resolve) => waiting.push(resolve)), what)
  }

  function stream({ path, method }: Pass<JwtPrincipal>): Readable {
    const [pieces, then] = STREAMS[path] ?? ['', 'ends']
    let sent = 0
    const go = (made: Readable): void => {
      if (sent < pieces.length) made.push(pieces[sent++])
      else if (then === 'ends') made.push(null)
      else if (then === 'fails') made.destroy(new Error('secret detail'))
    }
    return new Readable({
      read() {
        // With HEAD nothing ever comes to the client.
        const isThere = (): boolean => method === 'HEAD' || content.length >= sent
        const came = until(isThere, 'what was streamed does not come to the client')
        came.then(() => go(this)).catch((error: unknown) => this.destroy(error as Error))
      },
    })
  }

  return {
    witness: {
      ran(pass) {
        passes.push(pass)
        wake()
      },
      stream,
      wait: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        }),
    },
    reset() {
      passes = []
      content = ''
      waiting = []
    },
    runs: () => passes.length,
    callers: () => passes.map(({ principal }) => principal.subject),
    async begun() {
      await until(() => passes.length > 0, 'no handler called "ran" of the witness that "mount" is given')
      return passes[0] as Pass<JwtPrincipal>
    },
    arrived(piece) {
      content += piece
      wake()
    },
  }
}

/** Rejects when something takes too long: it would be a test that hangs. */
export async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}, after ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Lets go by what is due at once: a handler that is called after the refusal was written, say. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
