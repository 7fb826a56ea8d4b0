import { Redis } from 'ioredis'

/** What a stack counts: the words of the process that it is started with. */
export interface Limit {
  readonly port: number
  readonly limit: number
  readonly seconds: number
}

/** The words. */
export function wordsOf({ port, limit, seconds }: Limit): readonly string[] {
  return [port, limit, seconds].map(String)
}

/** The words, read. */
export function readLimit(words: readonly string[] = process.argv.slice(2)): Limit {
  const [port = 0, limit = 0, seconds = 0] = words.map(Number)
  return { port, limit, seconds }
}

/**
 * A connection that is there before the first request: the same client, with the same options, for every stack.
 *
 * ioredis could also collect the commands of a turn by itself (`enableAutoPipelining`). It does not unless it is told
 * to, and where it was tried, it made the peers no faster.
 */
export async function connect(port: number): Promise<Redis> {
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, maxRetriesPerRequest: 1 })
  await client.connect()
  return client
}

/** The same to a server on which nothing is counted yet: the rounds of several lines of Node would use the limit up. */
export async function connectAfresh(port: number): Promise<Redis> {
  const client = await connect(port)
  await client.flushall()
  return client
}
