import type { Clock } from '../../lib/clock.ts'
import { discover } from '../remote/discover.ts'
import type { FetchFailure } from '../remote/failures.ts'
import { failure } from '../remote/failures.ts'
import type { Fetcher } from '../remote/fetch-json.ts'

/** For how long the metadata of an issuer are good. */
const METADATA_MS = 86_400_000

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

const NO_ENDPOINT = failure('the metadata of the issuer name no introspection endpoint')

/** Where tokens are asked about: the URL, or why it is not known. */
export type Endpoint = { readonly ok: true; readonly url: string } | FetchFailure

/**
 * Finds the introspection endpoint in the metadata of an issuer: once a day, and one question at a time. After a failure
 * it waits longer each time, so that the tokens that come do not ask a server that is down once more each.
 */
export function createEndpointFinder(
  issuer: string,
  fetcher: Fetcher,
  dangerouslyAllowHttp: boolean,
  clock: Clock,
): () => Endpoint | Promise<Endpoint> {
  let known: Endpoint | undefined
  let until = -Infinity
  let failures = 0
  let underWay: Promise<Endpoint> | undefined

  async function ask(): Promise<Endpoint> {
    const found = await discover(issuer, fetcher, dangerouslyAllowHttp)
    if (!found.ok) return found
    const { introspectionEndpoint: url } = found.metadata
    return url === undefined ? NO_ENDPOINT : { ok: true, url }
  }

  async function find(): Promise<Endpoint> {
    const found = await ask()
    underWay = undefined
    known = found
    until =
      clock.monotonic() + (found.ok ? METADATA_MS : Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS))
    failures = found.ok ? 0 : failures + 1
    return found
  }

  return () => {
    if (known !== undefined && clock.monotonic() < until) return known
    underWay ??= find()
    return underWay
  }
}
