/*
 * The clients that a store can be made of, known by the shape of what is handed over: no client is imported, so that a
 * store works with the copy and the version that the application has.
 */

/** What is used of a client of ioredis or iovalkey: `Redis` (also through Sentinel) and `Cluster`. */
export interface IoredisClient {
  /** How its connection is: once that was `ready`, calls fail at once while it is neither that nor `wait`. */
  readonly status: string
  /** Runs a script that the server knows. */
  evalsha(sha1: string, keys: number, ...rest: string[]): Promise<unknown>
  /** Sends a script, and runs it. */
  eval(script: string, keys: number, ...rest: string[]): Promise<unknown>
}

/** What is used of a client of node-redis: of `createClient`, `createClientPool`, `createSentinel`, `createCluster`. */
export interface NodeRedisClient {
  /** Whether it was opened. Every client of node-redis has this, and it is known by it. */
  readonly isOpen: boolean
  /** Runs a script that the server knows. */
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  /** Sends a script, and runs it. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** A client of the application. The store never connects it, and never closes it. */
export type RedisClient = IoredisClient | NodeRedisClient

/** What the store asks of any client. */
export interface Engine {
  readonly evalsha: (sha1: string, keys: string[], args: string[]) => Promise<unknown>
  readonly eval: (script: string, keys: string[], args: string[]) => Promise<unknown>
  /** Whether a command that is sent now will go out: `undefined` when the client does not tell. */
  readonly ready: () => boolean | undefined
}

/** What is wrong with a value that is no client, and what to write instead. */
export interface NoClient {
  readonly message: string
  readonly instead: string
}

const INSTEAD =
  'Pass a client of ioredis, iovalkey or redis (node-redis 5 or newer): new Redis(), or createClient().'

type Members = Readonly<Record<string, unknown>>

/** The engine of a client, or what is wrong with it. */
export function engineOf(client: unknown): Engine | NoClient {
  if ((typeof client !== 'object' && typeof client !== 'function') || client === null) {
    return { message: 'is not a Redis client.', instead: INSTEAD }
  }
  const members = client as Members
  if (isFunction(members['then']) && !isFunction(members['connect'])) {
    return { message: 'is a promise, and not a Redis client.', instead: `Was an await forgotten? ${INSTEAD}` }
  }
  if (hasAll(members, 'evalsha', 'eval', 'connect', 'disconnect') && typeof members['status'] === 'string') {
    return ofIoredis(client as IoredisClient, members)
  }
  if (hasAll(members, 'evalSha', 'eval', 'connect') && typeof members['isOpen'] === 'boolean') {
    return ofNodeRedis(client as NodeRedisClient & { readonly isReady?: unknown })
  }
  return isFunction(members['evalsha']) || isFunction(members['evalSha'])
    ? {
        message: 'is a Redis client of a kind that is not known here (callbacks, http, a pipeline).',
        instead: INSTEAD,
      }
    : { message: 'is not a Redis client.', instead: INSTEAD }
}

/** Whether {@link engineOf} found no client. */
export function isNoClient(engine: Engine | NoClient): engine is NoClient {
  return 'message' in engine
}

function ofIoredis(client: IoredisClient, members: Members): Engine | NoClient {
  const options = members['options'] as Members | undefined
  if (options?.['role'] === 'slave' || options?.['readOnly'] === true) {
    return { message: 'reads from replicas, and a store writes.', instead: 'Pass a client of the primary.' }
  }
  return {
    evalsha: async (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
    eval: async (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
    // One that is lazy connects with the first command.
    ready: () => (client.status === 'wait' ? undefined : client.status === 'ready'),
  }
}

function ofNodeRedis(client: NodeRedisClient & { readonly isReady?: unknown }): Engine {
  return {
    evalsha: async (sha1, keys, args) => client.evalSha(sha1, { keys, arguments: args }),
    eval: async (script, keys, args) => client.eval(script, { keys, arguments: args }),
    // Clusters and pools do not tell more than whether they were opened.
    ready: () => (typeof client.isReady === 'boolean' ? client.isReady : client.isOpen ? undefined : false),
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function hasAll(members: Members, ...names: readonly string[]): boolean {
  return names.every((name) => isFunction(members[name]))
}
