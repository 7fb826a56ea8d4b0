/** A request that came to nothing. */
export interface FetchFailure {
  readonly ok: false
  /** Why, for the log: constant text without host, port or the error of a library (ERR-04, JWKS-07). */
  readonly reason: string
}

type FailureName =
  | 'url'
  | 'address'
  | 'request'
  | 'connection'
  | 'timeout'
  | 'closed'
  | 'redirect'
  | 'status'
  | 'encoding'
  | 'contentType'
  | 'size'
  | 'json'

/** Every way in which a request comes to nothing. */
export const FAILED: Readonly<Record<FailureName, FetchFailure>> = {
  url: failure('its URL may not be asked'),
  address: failure('its address is not one of the public Internet'),
  request: failure('the request cannot be written'),
  connection: failure('the connection failed'),
  timeout: failure('the answer took too long'),
  closed: failure('the gate is closed'),
  redirect: failure('the answer is a redirect, and none is followed'),
  status: failure('the status of the answer is not 200'),
  encoding: failure('the answer is compressed'),
  contentType: failure('the answer does not call itself JSON'),
  size: failure('the answer is too large'),
  json: failure('the answer is not JSON that can be relied on'),
}

/** A request came to nothing. */
export function failure(reason: string): FetchFailure {
  return Object.freeze({ ok: false, reason })
}
