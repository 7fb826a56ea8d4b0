import { ask } from './ask.ts'
import type { Keys } from './gate/tokens.ts'
import { keysOf, mint } from './gate/tokens.ts'
import type { Answer } from './stacks/answer.ts'
import { BODY, ORIGIN, preflightOf, requestWith, type Sent } from './workload.ts'

/** What verification needs of a stack. */
export interface Verifiable {
  readonly port: number
}

/** What it needs of the floor. */
export interface VerifiableFloor extends Verifiable {
  readonly answerWith: (answer: Answer) => Promise<void>
}

/** A stack did not answer what it is measured for: its numbers would mean nothing. */
export class WrongAnswers extends Error {
  override readonly name = 'WrongAnswers'

  constructor(wrong: readonly string[]) {
    super(`The stacks cannot be compared.\n  ${wrong.join('\n  ')}`)
  }
}

/**
 * Has the floor answer what the gate answers to a request.
 *
 * @returns the answer, and in what the floor's is another
 */
export async function handToFloor(
  floor: VerifiableFloor,
  gate: Verifiable,
  sent: Sent,
): Promise<{ readonly answer: Answer; readonly wrong: readonly string[] }> {
  const got = await ask(gate.port, sent)
  const answer = answerOf(got)
  await floor.answerWith(answer)
  return { answer, wrong: differences(got, await ask(floor.port, sent)) }
}

/** An answer without what a server writes of its own accord. */
export function answerOf(got: Answer): Answer {
  return { ...got, fields: pairsOf(got.fields).filter(isOwn).flat() }
}

interface Row {
  readonly what: string
  readonly sent: Sent
  readonly statuses: readonly number[]
  readonly body?: string
  /** Names in lower case; `undefined` is for a field that must not be there. */
  readonly fields: Readonly<Record<string, RegExp | undefined>>
  /** Whether fields of some kind tell of a limit: there are three drafts and an older habit. */
  readonly counted?: boolean
}

const SECURED = { 'x-content-type-options': /^nosniff$/, 'x-powered-by': undefined }
const READABLE = { 'access-control-allow-origin': new RegExp(`^${ORIGIN}$`) }
const UNREADABLE = { 'access-control-allow-origin': undefined }
const COUNTED = /^(?:x-)?ratelimit(?:-remaining)?$/
const CHALLENGED = { 'www-authenticate': /^Bearer/ }
const EVIL = 'https://evil.example'

/** What the gate and its peers must all answer: enough to know that every part is there and at work. */
async function rows(keys: Keys): Promise<readonly Row[]> {
  const unauthorized = { statuses: [401], fields: { ...SECURED, ...READABLE, ...CHALLENGED } }
  const good = await mint(keys, 'caller')
  const others = keysOf(keys.algorithm, 'another secret of 32 bytes, yes!!')
  const [head = '', , signature = ''] = good.split('.')
  const payload = Buffer.from('{"sub":"root"}').toString('base64url')
  return [
    {
      what: 'a good request',
      sent: requestWith(good),
      statuses: [200],
      body: BODY,
      fields: { ...SECURED, ...READABLE, 'content-type': /^application\/json/ },
      counted: true,
    },
    { what: 'no token', sent: requestWith(undefined), ...unauthorized },
    {
      what: 'a token that somebody else signed',
      sent: requestWith(await mint(others, 'caller')),
      ...unauthorized,
    },
    {
      what: 'a token that was changed',
      sent: requestWith(`${head}.${payload}.${signature}`),
      ...unauthorized,
    },
    {
      what: 'an expired token',
      sent: requestWith(await mint(keys, 'caller', { livesSeconds: -600 })),
      ...unauthorized,
    },
    {
      what: 'a token for somebody else',
      sent: requestWith(await mint(keys, 'caller', { audience: 'https://other.example' })),
      ...unauthorized,
    },
    {
      what: 'a token of another issuer',
      sent: requestWith(await mint(keys, 'caller', { issuer: 'https://other.example' })),
      ...unauthorized,
    },
    {
      what: 'a token without the scope',
      sent: requestWith(await mint(keys, 'caller', { scope: 'other:read' })),
      statuses: [403],
      fields: { ...SECURED, ...READABLE },
    },
    {
      what: 'an origin that is not allowed',
      sent: requestWith(good, EVIL),
      statuses: [200],
      fields: { ...SECURED, ...UNREADABLE },
    },
    {
      what: 'a preflight',
      sent: preflightOf(),
      statuses: [204, 200],
      fields: {
        ...READABLE,
        'access-control-allow-methods': /GET/,
        'access-control-allow-headers': /authorization/i,
        'access-control-max-age': /^600$/,
      },
    },
    {
      what: 'a preflight of an origin that is not allowed',
      sent: preflightOf(EVIL),
      statuses: [403, 204, 200, 400, 401],
      fields: UNREADABLE,
    },
  ]
}

/** What a stack answers otherwise than it must, to requests with tokens of some keys. */
export async function wrongAnswers(
  name: string,
  { port }: Verifiable,
  keys: Keys = keysOf('HS256'),
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const row of await rows(keys)) {
    const got = await ask(port, row.sent)
    const say = (difference: string): number => wrong.push(`${name}, ${row.what}: ${difference}`)
    if (!row.statuses.includes(got.status))
      say(`status ${got.status} instead of ${row.statuses.join(' or ')}`)
    if (row.body !== undefined && got.body !== row.body) say('another body')
    const fields = new Map(pairsOf(got.fields).map(([field, value]) => [field.toLowerCase(), value]))
    for (const [field, expected] of Object.entries(row.fields)) {
      const value = fields.get(field)
      if (expected === undefined ? value !== undefined : value === undefined || !expected.test(value)) {
        say(`${field} is ${value === undefined ? 'missing' : `"${value}"`}`)
      }
    }
    if (row.counted === true && ![...fields.keys()].some((field) => COUNTED.test(field)))
      say('nothing tells of a limit')
  }
  return wrong
}

/** What a stack with small limits does otherwise than let in so many, and answer 429 after. */
export async function wrongLimits(
  name: string,
  { port }: Verifiable,
  limit: number,
  sent: Sent,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (let request = 1; request <= limit + 2; request++) {
    const { status, body } = await ask(port, sent)
    const expected = request > limit ? 429 : 200
    if (status !== expected)
      wrong.push(`${name}, request ${request} of ${limit}: status ${status} instead of ${expected}`)
    else if (status === 200 && body !== BODY) wrong.push(`${name}, request ${request}: another body`)
  }
  return wrong
}

/**
 * In what the floor's response is not the gate's. Values that change from one response to the next (`Date`, the
 * numbers of `RateLimit` and `Retry-After`, the id of a request) are compared by their form.
 */
export function differences(gate: Answer, floor: Answer): readonly string[] {
  const found: string[] = []
  if (floor.status !== gate.status) found.push(`status ${floor.status}, and the gate's is ${gate.status}`)
  if (floor.body !== gate.body) found.push("the body is not the gate's")
  const wanted = linesOf(gate)
  const got = linesOf(floor)
  for (const line of wanted) if (!got.includes(line)) found.push(`lacks ${line}`)
  for (const line of got) if (!wanted.includes(line)) found.push(`has ${line}`)
  if (found.length === 0 && got.length !== wanted.length) found.push('a field occurs more or less often')
  return found
}

const COUNTING = new Set(['ratelimit', 'retry-after'])

function linesOf(answer: Answer): readonly string[] {
  return pairsOf(answer.fields).map(([name, value]) => {
    const lower = name.toLowerCase()
    if (lower === 'date') return `${name}: (a date)`
    return `${name}: ${COUNTING.has(lower) ? value.replaceAll(/\d+/g, '#') : value}`
  })
}

/** What node:http writes of its own accord is no part of an answer. */
function isOwn([name]: readonly [string, string]): boolean {
  return !['date', 'connection', 'keep-alive', 'transfer-encoding'].includes(name.toLowerCase())
}

function pairsOf(fields: readonly string[]): readonly (readonly [string, string])[] {
  return fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? ''] as const] : []))
}
