import jsonwebtoken from 'jsonwebtoken'

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

/** Limits that count every request and refuse none: the most that a gate lets one be. */
export const LIMIT = { limit: 1_000_000, seconds: 1 } as const

/** The origins that CORS allows: one alone would never vary, and cost the gate nothing. */
export const ORIGINS: readonly string[] = [ORIGIN, 'https://admin.example.com']

/** What else CORS allows: the same words for each stack. */
export const CORS = {
  methods: ['GET', 'HEAD', 'POST'],
  headers: ['authorization', 'content-type'],
  maxAgeSeconds: 600,
} as const

/** The answer of the API, made beforehand in every stack: what is measured is guarding, not `JSON.stringify`. */
export const BODY: string = JSON.stringify({ data: 'Secure data', items: [1, 2, 3, 4, 5, 6, 7, 8] })

/** The scenarios, in the order in which they are measured. */
export const SCENARIOS = ['allowed', '401', 'preflight'] as const
export type ScenarioName = (typeof SCENARIOS)[number]

/** The status that every stack answers a scenario with. */
export const STATUS: Readonly<Record<ScenarioName, number>> = { allowed: 200, '401': 401, preflight: 204 }

/** How many clients there are at a time; each keeps its connection and waits for an answer before it asks again. */
export const CONNECTIONS = 32

/** One request, as it is sent. */
export interface Sent {
  readonly method: 'GET' | 'OPTIONS'
  readonly fields: Readonly<Record<string, string>>
}

/**
 * The request of a scenario.
 *
 * The fewest fields that do: a browser sends a dozen, and each adds to what node:http itself takes, which brings every
 * stack nearer to the floor.
 */
export function requestOf(scenario: ScenarioName, token: string): Sent {
  const fields = { Host: HOST, Origin: ORIGIN }
  switch (scenario) {
    case 'allowed':
      return { method: 'GET', fields: { ...fields, Authorization: `Bearer ${token}` } }
    case '401':
      return { method: 'GET', fields }
    case 'preflight':
      return {
        method: 'OPTIONS',
        fields: {
          ...fields,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'authorization',
        },
      }
  }
}

/** What a stack is loaded with: every request is to be answered with one status. */
export interface Workload {
  readonly name: string
  readonly status: number
  /** One for each connection; with fewer, several connections send the same. */
  readonly requests: readonly Sent[]
}

/** The load of a scenario, by callers that each have a token. */
export function workloadOf(name: ScenarioName, tokens: readonly string[]): Workload {
  return { name, status: STATUS[name], requests: tokens.map((token) => requestOf(name, token)) }
}

/** Signs a token for a caller, good for an hour: by a package that no stack is named after. */
export function tokenFor(subject: string, scope: string = SCOPE, secret: string = TOKEN.secret): string {
  const { issuer, audience } = TOKEN
  return jsonwebtoken.sign({ scope }, secret, {
    algorithm: 'HS256',
    subject,
    issuer,
    audience,
    expiresIn: '1h',
  })
}

/**
 * A token for each connection.
 *
 * Trap: the same few tokens come again and again, as they do from real callers within minutes. A stack that remembers
 * what it has verified pays for each signature once, and the bench shows it at its best.
 */
export function tokensOfCallers(): readonly string[] {
  return Array.from({ length: CONNECTIONS }, (_, index) => tokenFor(`caller-${index}`))
}
