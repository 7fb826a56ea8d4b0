import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Kind } from '../../contract/kinds.ts'
import type { Pass } from '../../contract/pass.ts'
import type { Form } from '../../lib/form.ts'
import { readForm } from '../read-form.ts'
import { MALFORMED, METHOD_NOT_ALLOWED, type Reply, send, TOO_LARGE, UNAVAILABLE } from './reply.ts'

/** What an endpoint wants of the pass of a request: where to tell of it, who asks, and the form, where the gate has read it. */
export type EndpointPass = Pick<Pass, 'tell'> & Partial<Pick<Pass, 'client' | 'content'>>

/** A handler on node:http; a framework may give it something else than a pass, which counts as none. */
export type EndpointHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  pass?: EndpointPass | ((...args: never[]) => unknown),
) => Promise<void>

/** An answer, and what the log hears of it. */
export interface Answered {
  readonly reply: Reply
  /** Nothing where the form itself was no good. */
  readonly event?: {
    readonly outcome: 'allowed' | 'refused'
    readonly kind: Kind
    readonly reason: string
    /** The account that somebody tried, as they wrote it. */
    readonly account?: string
  }
}

/** An answer that the log hears of as a refusal. */
export function refused(reply: Reply, kind: Kind, reason: string, account?: string): Answered {
  const named = account === undefined ? {} : { account }
  return { reply, event: { outcome: 'refused', kind, reason, ...named } }
}

/** An answer that the log hears of as a login. */
export function accepted(reply: Reply, reason: string): Answered {
  return { reply, event: { outcome: 'allowed', kind: 'credentials.accepted', reason } }
}

/** A form that was read, and the address of who sent it. */
export interface Received {
  readonly form: Form
  readonly req: IncomingMessage
  readonly from: string | undefined
}

/**
 * Makes the handler of an endpoint that takes a form by POST: it reads the form, writes the answer and tells the log.
 * It never rejects; an answer that throws is 503, with no word of why.
 */
export function formEndpoint(
  name: string,
  maxBodyBytes: number,
  answer: (received: Received) => Answered | Promise<Answered>,
): EndpointHandler {
  async function answerTo(
    req: IncomingMessage,
    pass: EndpointPass | undefined,
  ): Promise<Answered | undefined> {
    if (req.method !== 'POST') return { reply: METHOD_NOT_ALLOWED }
    const from = clientOf(req, pass)
    const read = await readForm(req, maxBodyBytes, pass?.content)
    if (read.type === 'cut') return undefined
    if (read.type === 'too-large') return { reply: TOO_LARGE }
    if (read.type === 'malformed') return { reply: MALFORMED }
    return answer({ form: read.form, req, from })
  }

  return async (req, res, given) => {
    const pass = isPass(given) ? given : undefined
    let answered: Answered | undefined
    try {
      answered = await answerTo(req, pass)
    } catch {
      const reason = `the ${name} could not look something up, or issue a token`
      answered = refused(UNAVAILABLE, 'dependency.failed', reason)
    }
    if (answered === undefined) return
    const { reply, event } = answered
    if (event !== undefined) {
      const { outcome, kind, reason, account } = event
      pass?.tell(outcome, kind, reason, ...(account === undefined ? [] : [account]))
    }
    send(res, reply)
  }
}

/** The third argument of a route in Express is the function `next`. */
export function isPass(given: unknown): given is EndpointPass {
  return typeof given === 'object' && given !== null && 'tell' in given && typeof given.tell === 'function'
}

/** Without a pass nobody knows of proxies: the other end of the connection is all there is. */
export function clientOf(req: IncomingMessage, pass: EndpointPass | undefined): string | undefined {
  return pass === undefined ? req.socket.remoteAddress : pass.client
}
