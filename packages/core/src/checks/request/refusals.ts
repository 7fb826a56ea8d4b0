import { type Refusal, refuse } from '../../contract/check.ts'

/** RFC 9112 §6.3: after a message whose length can be read in two ways, nothing on the connection is what it seems. */
export const CLOSE = ['Connection', 'close'] as const

/** A request that is no HTTP. */
export function malformed(reason: string, fields?: readonly string[]): Refusal {
  return Object.freeze(refuse('request.malformed', reason, fields))
}

/** A wish for another method, whose text is the client's and stays out of the log. */
export const OVERRIDDEN: Refusal = Object.freeze(
  refuse('request.method-overridden', 'the request asks to be taken for another method, which it may not'),
)

/** RFC 9110 §15.5.6: a 405 must say what is allowed. Constant: what a path allows is the router's to say. */
const ALLOW = ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] as const

/** A method that nobody serves. */
export const METHOD_REFUSED: Refusal = Object.freeze(
  refuse('request.method-refused', 'TRACE, CONNECT, or a method that node:http does not know', ALLOW),
)
