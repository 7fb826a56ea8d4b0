import { randomBytes } from 'node:crypto'
import type { Records, StoreCall } from '../../contract/store.ts'
import { sha256 } from '../../lib/digest.ts'
import { isPromiseLike } from '../../lib/promise.ts'
import type { SessionContent } from './content.ts'

/** Whether a session still counts: `replaced` by a new id of the same browser, or `ended` for good. */
export type Standing = 'live' | 'replaced' | 'ended'

/** Clocks of several machines differ: a revocation outlives what it revokes by so much. */
const MARGIN = 600_000

/** Which sessions have ended, and which subjects were signed out everywhere. */
export class SessionRecords {
  readonly #store: Records
  readonly #prefix: string
  readonly #lifetime: number

  /**
   * @param cookie the name of the cookie: two kinds of sessions may share a store
   * @param absolute how long a session lives at most, in milliseconds
   */
  constructor(store: Records, cookie: string, absolute: number) {
    this.#store = store
    this.#prefix = `session:${cookie}:`
    this.#lifetime = absolute + MARGIN
  }

  /** Whether a session still counts. Throws, or rejects, when nobody knows. */
  standing(content: SessionContent, call?: StoreCall): Standing | Promise<Standing> {
    const read = this.#store.read([this.#idKey(content.id), this.#subjectKey(content.subject)], call)
    return isPromiseLike(read)
      ? Promise.resolve(read).then((values) => judge(values, content))
      : judge(read, content)
  }

  /** What a new session of this subject has to say. */
  epoch(subject: string): string | Promise<string> {
    const read = this.#store.read([this.#subjectKey(subject)])
    return isPromiseLike(read) ? Promise.resolve(read).then(epochOf) : epochOf(read)
  }

  /** Ends a session. */
  end(content: SessionContent, now: number): void | Promise<void> {
    return this.#store.write(this.#idKey(content.id), 'ended', lifetimeOf(content, now))
  }

  /** Ends a session since another took its place: whether it was live. Of callers at once one alone is told so. */
  replace(content: SessionContent, now: number): boolean | Promise<boolean> {
    return this.#store.add(this.#idKey(content.id), 'replaced', lifetimeOf(content, now))
  }

  /** Ends a session of which the id alone is known. */
  revoke(id: string): void | Promise<void> {
    return this.#store.write(this.#idKey(id), 'ended', this.#lifetime)
  }

  /**
   * Ends every session of a subject. What changes is a random text that sessions keep, and not a moment: clocks of
   * several machines would disagree about what came before it.
   */
  revokeSubject(subject: string): void | Promise<void> {
    return this.#store.write(this.#subjectKey(subject), randomBytes(9).toString('base64url'), this.#lifetime)
  }

  #idKey(id: string): string {
    return `${this.#prefix}id:${id}`
  }

  #subjectKey(subject: string): string {
    return `${this.#prefix}subject:${sha256(subject).toString('base64url')}`
  }
}

function judge(values: readonly (string | undefined)[], content: SessionContent): Standing {
  checkRead(values, 2)
  const [id, epoch] = values
  // A record that has gone was there for longer than any session from before it could live.
  if (epoch !== undefined && epoch !== content.epoch) return 'ended'
  if (id === undefined) return 'live'
  return id === 'replaced' ? 'replaced' : 'ended'
}

function epochOf(values: readonly (string | undefined)[]): string {
  checkRead(values, 1)
  return values[0] ?? ''
}

/** A store of somebody's own can give anything, whatever its type says: what is no record is no word for the session. */
function checkRead(values: readonly unknown[], length: number): void {
  const fits =
    Array.isArray(values) &&
    values.length === length &&
    values.every((value) => value === undefined || typeof value === 'string')
  if (!fits) throw new TypeError('The store of the sessions gave no record for each key.')
}

function lifetimeOf(content: SessionContent, now: number): number {
  return Math.max(0, Math.ceil(content.end - now)) + MARGIN
}
