/** The host that every request names: ports are random, and the gate's list of hosts has to be written before. */
export const HOST = 'api.example.com'
export const ORIGIN = 'https://app.example.com'
export const PATH = '/secure-data'
export const SCOPE = 'data:read'

/** What the tokens are signed with, and what they say. */
export const TOKEN = {
  issuer: 'https://id.example.com',
  audience: 'https://api.example.com',
  secret: 'a secret of thirty-two bytes, yes',
} as const

/**
 * What each limit allows: more than is ever asked for, and over so long that whoever comes again within a second has something
 * owing still, as with the limits that people write. Over a second each caller would be a new one each time.
 */
export const LIMIT = { limit: 1_000_000, seconds: 3_600 } as const

/** The origins that CORS allows: one alone would never vary, and cost the gate nothing. */
export const ORIGINS: readonly string[] = [ORIGIN, 'https://admin.example.com']

/** What else CORS allows: the same words for each stack. */
export const CORS = {
  methods: ['GET', 'HEAD', 'POST'],
  headers: ['authorization', 'content-type'],
  maxAgeSeconds: 600,
} as const

/** What scripts of those origins may read. */
export const EXPOSED: readonly string[] = ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'WWW-Authenticate']

/** The answer of the API, made beforehand in every stack: what is measured is guarding, not `JSON.stringify`. */
export const BODY: string = JSON.stringify({ data: 'Secure data', items: [1, 2, 3, 4, 5, 6, 7, 8] })

/** How many clients there are at a time; each keeps its connection and waits for an answer before it asks again. */
export const CONNECTIONS = 32

/** One request, as it is sent. */
export interface Sent {
  readonly method: 'GET' | 'OPTIONS'
  readonly fields: Readonly<Record<string, string>>
}

/**
 * What a client of the API sends.
 *
 * The fewest fields that do: a browser sends a dozen, and each adds to what node:http itself takes, which brings every
 * stack nearer to the floor.
 */
export function requestWith(token: string | undefined, origin: string = ORIGIN): Sent {
  const fields = { Host: HOST, Origin: origin }
  return {
    method: 'GET',
    fields: token === undefined ? fields : { ...fields, Authorization: `Bearer ${token}` },
  }
}

/** What a browser asks before it. */
export function preflightOf(origin: string = ORIGIN): Sent {
  return {
    method: 'OPTIONS',
    fields: {
      Host: HOST,
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    },
  }
}

/** What a stack is loaded with: every request is to be answered with one status. */
export interface Workload {
  readonly name: string
  readonly status: number
  /** They are dealt out to the connections, each of which sends its own again and again. */
  readonly requests: readonly Sent[]
  /** Whether each of them is sent once, by whatever connection is free, and the load ends with the last. */
  readonly once?: boolean
  /** How many are sent in a second; as many as are answered when left out. */
  readonly perSecond?: number
}

/** Requests without a token, each of which is refused. */
export const REFUSED: Workload = { name: '401', status: 401, requests: [requestWith(undefined)] }
