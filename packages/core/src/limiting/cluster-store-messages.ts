import type { Store } from '../contract/store.ts'

/** What a worker may ask of the store of the primary. */
export type Method = Exclude<keyof Store, 'name' | 'close'>

const METHODS: ReadonlySet<unknown> = new Set<Method>([
  'take',
  'peek',
  'adjust',
  'block',
  'reset',
  'add',
  'read',
  'write',
  'remove',
])

/** One call of a store: its number, and what it was called with. */
export type Call = readonly [id: number, method: Method, args: readonly unknown[]]

/** What became of a call: what the store gave, or the kind of what it threw, and its text. */
export type Answer =
  readonly [id: number, value: unknown] | readonly [id: number, value: null, error: string, message: string]

/**
 * What tells our messages from those that the application sends over the same channel, and from those of another version:
 * what has another tag is not ours.
 */
const TAG = 'cluster-store/1'

/** What a worker sends: the calls of one turn of its event loop. */
export interface Question {
  readonly gatehouse: typeof TAG
  /** Which store of the worker asks. */
  readonly from: string
  readonly calls: readonly Call[]
}

/** What the primary sends. */
export interface Reply {
  readonly gatehouse: typeof TAG
  readonly to: string
  readonly answers: readonly Answer[]
}

export function question(from: string, calls: readonly Call[]): Question {
  return { gatehouse: TAG, from, calls }
}

export function reply(to: string, answers: readonly Answer[]): Reply {
  return { gatehouse: TAG, to, answers }
}

/** A question as it was sent; `undefined` for any other message, and without the calls that are none. */
export function readQuestion(message: unknown): Question | undefined {
  const { gatehouse, from, calls } = membersOf<Question>(message)
  if (gatehouse !== TAG || typeof from !== 'string' || !Array.isArray(calls)) return undefined
  return question(from, calls.filter(isCall))
}

/** A reply as it was sent; `undefined` for any other message, and without the answers that are none. */
export function readReply(message: unknown): Reply | undefined {
  const { gatehouse, to, answers } = membersOf<Reply>(message)
  if (gatehouse !== TAG || typeof to !== 'string' || !Array.isArray(answers)) return undefined
  return reply(to, answers.filter(isAnswer))
}

function membersOf<M extends object>(message: unknown): Partial<Record<keyof M, unknown>> {
  return typeof message === 'object' && message !== null ? message : {}
}

function isCall(call: unknown): call is Call {
  if (!Array.isArray(call)) return false
  const [id, method, args] = call as readonly unknown[]
  return Number.isSafeInteger(id) && METHODS.has(method) && Array.isArray(args)
}

function isAnswer(answer: unknown): answer is Answer {
  if (!Array.isArray(answer)) return false
  const [id, , error, message] = answer as readonly unknown[]
  if (!Number.isSafeInteger(id)) return false
  return answer.length === 2 || (typeof error === 'string' && typeof message === 'string')
}
