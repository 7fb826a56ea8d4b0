import type { Clock } from '../../lib/clock.ts'
import { discover } from '../remote/discover.ts'
import { failure, type FetchFailure } from '../remote/failures.ts'
import type { Fetcher } from '../remote/fetch-json.ts'
import type { JwtAlgorithm } from './algorithms.ts'
import { readJwks } from './jwks.ts'
import type { CompiledKey } from './signature.ts'

/** Where the keys of an issuer are: at a URL, or where the metadata of the issuer say. */
export type KeySource = { readonly jwksUri: string } | { readonly issuer: string }

/** Keys as they were published, or why there are none. */
export type LoadedKeys =
  | { readonly ok: true; readonly keys: readonly CompiledKey[]; readonly maxAgeMs: number | undefined }
  | FetchFailure

/** Loads the keys of an issuer once. Never rejects. */
export type LoadKeys = () => Promise<LoadedKeys>

/** An issuer that moves its keys says so in its metadata; nobody moves them more often. */
const METADATA_MS = 24 * 3_600_000

const NO_URL = failure('the metadata of the issuer name no URL of keys that may be asked')
const BAD_SET = failure('the answer is not a set of public keys with distinct names')

/**
 * Compiles how keys are loaded.
 *
 * Metadata are asked for once a day, and again after keys could not be had from where they pointed.
 */
export function keyLoader(
  source: KeySource,
  algorithms: readonly JwtAlgorithm[],
  fetcher: Pick<Fetcher, 'getJson'>,
  clock: Clock,
  dangerouslyAllowHttp: boolean,
): LoadKeys {
  let found: { readonly url: string; readonly until: number } | undefined

  async function find(): Promise<{ readonly ok: true; readonly url: string } | FetchFailure> {
    if ('jwksUri' in source) return { ok: true, url: source.jwksUri }
    const now = clock.monotonic()
    if (found !== undefined && now < found.until) return { ok: true, url: found.url }
    const discovery = await discover(source.issuer, fetcher, dangerouslyAllowHttp)
    if (!discovery.ok) return discovery
    const url = discovery.metadata.jwksUri
    if (url === undefined) return NO_URL
    found = { url, until: now + METADATA_MS }
    return { ok: true, url }
  }

  async function load(url: string): Promise<LoadedKeys> {
    const answer = await fetcher.getJson(url)
    if (!answer.ok) return answer
    const set = readJwks(answer.value, algorithms)
    return set === undefined ? BAD_SET : { ok: true, keys: set.keys, maxAgeMs: answer.maxAgeMs }
  }

  return async () => {
    const where = await find()
    if (!where.ok) return where
    const loaded = await load(where.url)
    if (!loaded.ok) found = undefined
    return loaded
  }
}
