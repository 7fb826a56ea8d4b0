import { type RedisServer, startRedis } from '../limiter/redis-server.ts'
import type { Algorithm, Setup } from '../stacks/setup.ts'
import { LIMIT } from '../workload.ts'
import { CALLERS, type Scenario, SCENARIOS, type ScenarioName } from './scenarios.ts'
import { type Keys, keysOf, mint, mintMany } from './tokens.ts'

/** A limit that is reached at once, and does not end before the round does. */
export const SMALL = { limit: 5, seconds: 3600 } as const

/** What stacks are measured with: keys, tokens and a Redis, each made when it is first needed. */
export class World {
  readonly #keys = new Map<Algorithm, Keys>()
  readonly #returning = new Map<string, readonly string[]>()
  readonly #distinct = new Map<string, readonly string[]>()
  #redis: RedisServer | string | undefined

  keys(algorithm: Algorithm): Keys {
    const keys = this.#keys.get(algorithm) ?? keysOf(algorithm)
    this.#keys.set(algorithm, keys)
    return keys
  }

  /** How a stack is set up for a scenario. */
  setup({ algorithm, limited = false, redis = false }: Scenario): Setup {
    return {
      algorithm,
      key: this.keys(algorithm).verify,
      ...(limited ? SMALL : LIMIT),
      ...(redis && typeof this.#redis === 'object' && { redisPort: this.#redis.port }),
    }
  }

  /** The tokens of a scenario, so many of them or all. */
  async tokens(
    { algorithm, tokens, scope }: Scenario,
    signal: AbortSignal,
    atMost: number = tokens,
  ): Promise<readonly string[]> {
    const count = Math.min(tokens, atMost)
    const keys = this.keys(algorithm)
    const made = count > CALLERS ? this.#distinct : this.#returning
    const id = `${algorithm} ${scope} ${count}`
    const found =
      made.get(id) ??
      (scope === undefined
        ? await mintMany(keys, count, signal)
        : await Promise.all(
            Array.from({ length: count }, (_, index) => mint(keys, `caller-${index}`, { scope })),
          ))
    made.set(id, found)
    return found
  }

  /** The Redis of the bench, or why there is none. */
  async redis(): Promise<RedisServer | string> {
    this.#redis ??= await startRedis()
    return this.#redis
  }

  async end(): Promise<void> {
    if (typeof this.#redis === 'object') await this.#redis.end()
  }
}

/** Scenarios whose stacks are set up alike: they are verified together. */
export function setUpAlike(names: readonly ScenarioName[]): readonly (readonly ScenarioName[])[] {
  const groups = new Map<string, ScenarioName[]>()
  for (const name of names) {
    const { algorithm, limited = false, redis = false } = SCENARIOS[name]
    const id = `${algorithm} ${limited} ${redis}`
    groups.set(id, [...(groups.get(id) ?? []), name])
  }
  return [...groups.values()]
}
