/** A limiter in memory, as the bench drives it: by what its package exports. */
export interface Decider {
  /**
   * Counts one request of a key: how many are left, or -1 when it is refused. What a package answers with a promise is
   * waited for, since a caller has to.
   */
  readonly decide: (key: string) => number | Promise<number>
}

/** Makes one that counts up to a limit in {@link WINDOW_MS}, with room for so many keys. */
export type MakeDecider = (limit: number, maxKeys: number) => Decider | Promise<Decider>

/**
 * Twenty days: the longest round number that every side can be told, since node's timers end at 24.8. No key comes to
 * its end while it is measured; GCRA gives the first unit of {@link LIMIT} back after half an hour.
 */
export const WINDOW_MS: number = 20 * 24 * 60 * 60 * 1000

/** More than any key is asked for in a run: every decision is the usual one, which lets a request in. */
export const LIMIT = 1000

/** What is left of a limit, after so many requests. */
export function left(limit: number, hits: number): number {
  return hits > limit ? -1 : limit - hits
}
