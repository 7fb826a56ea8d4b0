import type { Clock } from '../../lib/clock.ts'
import { discover } from '../remote/discover.ts'
import type { FetchFailure } from '../remote/failures.ts'
import { failure } from '../remote/failures.ts'
import type { Fetcher } from '../remote/fetch-json.ts'

/** For how long the metadata of an issuer are good. */
const METADATA_MS = 86_400_000

const NO_ENDPOINT = failure('the metadata of the issuer name no introspection endpoint')

/** Where tokens are asked about: the URL, or why it is not known. */
export type Endpoint = { readonly ok: true; readonly url: string } | FetchFailure

/** Finds the introspection endpoint in the metadata of an issuer: once a day, and one question at a time. */
export function createEndpointFinder(
  issuer: string,
  fetcher: Fetcher,
  dangerouslyAllowHttp: boolean,
  clock: Clock,
): () => Endpoint | Promise<Endpoint> {
  let known: Endpoint | undefined
  let until = -Infinity
  let underWay: Promise<Endpoint> | undefined

  async function find(): Promise<Endpoint> {
    const found = await discover(issuer, fetcher, dangerouslyAllowHttp)
    underWay = undefined
    if (!found.ok) return found
    const { introspectionEndpoint: url } = found.metadata
    if (url === undefined) return NO_ENDPOINT
    known = { ok: true, url }
    until = clock.monotonic() + METADATA_MS
    return known
  }

  return () => {
    if (known !== undefined && clock.monotonic() < until) return known
    underWay ??= find()
    return underWay
  }
}
