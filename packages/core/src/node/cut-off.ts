import type { ServerResponse } from 'node:http'

/** Of the types of node:http2 alone. */
interface Resettable {
  readonly close: (code: number) => void
}

/** RFC 9113 §7: INTERNAL_ERROR. */
const INTERNAL_ERROR = 2

/** Ends half a response. A stream of HTTP/2 that merely ends is a whole one for its client (RFC 9113 §8.1). */
export function cutOff(res: ServerResponse): void {
  const stream = streamOf(res)
  if (stream === undefined) res.destroy()
  else stream.close(INTERNAL_ERROR)
}

/**
 * Has whoever destroys half a response cut it off, as a framework does where a stream fails that it sends: node:http2 would
 * reset the stream for no error, and a client would take what it has for all of it.
 */
export function cutWhenDestroyed(res: ServerResponse): void {
  const stream = streamOf(res)
  if (stream === undefined) return
  // oxlint-disable-next-line typescript/unbound-method -- called with its response as `this`
  const { destroy } = res
  res.destroy = function (this: ServerResponse, error) {
    if (error === undefined && !this.writableEnded) stream.close(INTERNAL_ERROR)
    return destroy.call(this, error)
  }
}

function streamOf(res: ServerResponse): Resettable | undefined {
  return (res as { readonly stream?: Resettable }).stream
}
