/** What tells how a response ends: properties of its own under node:http, and those of its stream under node:http2. */
export interface Ending {
  readonly destroyed?: boolean | undefined
  readonly closed?: boolean | undefined
  readonly writableEnded: boolean
  readonly writableFinished: boolean
}

/** Of the types of node:http2 alone. */
interface StreamEnding {
  readonly destroyed: boolean
  readonly rstCode?: number | undefined
}

/** Whether a response is over, or its client gone: nobody will be told of it again. */
export function isGone(res: Ending): boolean {
  const stream = streamOf(res)
  return stream === undefined ? res.destroyed === true || res.closed === true : stream.destroyed
}

/** Whether all of a response that is over has left. node:http2 calls what its client reset finished, too (RFC 9113 §6.4). */
export function isWhole(res: Ending): boolean {
  const stream = streamOf(res)
  if (stream === undefined) return res.writableFinished
  return res.writableEnded && res.writableFinished && (stream.rstCode ?? 0) === 0
}

function streamOf(res: Ending): StreamEnding | undefined {
  return (res as { readonly stream?: StreamEnding }).stream
}
