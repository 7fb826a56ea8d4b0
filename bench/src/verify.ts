import { ask } from './ask.ts'
import type { StackName } from './stack-process.ts'
import type { Answer } from './stacks/answer.ts'
import {
  BODY,
  ORIGIN,
  requestOf,
  type ScenarioName,
  SCENARIOS,
  type Sent,
  STATUS,
  tokenFor,
} from './workload.ts'

/** What verification needs of a stack. */
export interface Verifiable {
  readonly port: number
}

/** What it needs of the floor. */
export interface VerifiableFloor extends Verifiable {
  readonly answerWith: (answer: Answer) => Promise<void>
}

/** The bytes of each scenario, for the floor. */
export type Answers = Readonly<Record<ScenarioName, Answer>>

/** A stack did not answer what it is measured for: its numbers would mean nothing. */
export class WrongAnswers extends Error {
  override readonly name = 'WrongAnswers'
}

/**
 * Sees to it that the stacks do the same work before anybody takes the time.
 *
 * @returns what the floor is to write, as the gate wrote it
 * @throws WrongAnswers with everything that is wrong
 */
export async function verify(
  stacks: Readonly<Record<Exclude<StackName, 'floor'>, Verifiable> & { floor: VerifiableFloor }>,
): Promise<Answers> {
  const wrong = [
    ...(await wrongAnswers('gatehouse', stacks.gatehouse)),
    ...(await wrongAnswers('express', stacks.express)),
  ]
  const answers: Partial<Record<ScenarioName, Answer>> = {}
  for (const scenario of SCENARIOS) {
    const sent = requestOf(scenario, tokenFor('caller'))
    const { answer, wrong: different } = await handToFloor(stacks.floor, stacks.gatehouse, sent)
    answers[scenario] = answer
    for (const difference of different) wrong.push(`floor, ${scenario}: ${difference}`)
  }
  if (wrong.length > 0) throw new WrongAnswers(`The stacks cannot be compared.\n  ${wrong.join('\n  ')}`)
  return answers as Answers
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
  const answer = { ...got, fields: pairsOf(got.fields).filter(isOwn).flat() }
  await floor.answerWith(answer)
  return { answer, wrong: differences(got, await ask(floor.port, sent)) }
}

interface Row {
  readonly what: string
  readonly sent: Sent
  readonly status: number
  readonly body?: string
  /** Names in lower case; `undefined` is for a field that must not be there. */
  readonly fields: Readonly<Record<string, RegExp | undefined>>
}

const SECURED = { 'x-content-type-options': /^nosniff$/, 'x-powered-by': undefined }
const READABLE = { 'access-control-allow-origin': new RegExp(`^${ORIGIN}$`) }
const COUNTED = { ratelimit: /r=\d/, 'ratelimit-policy': /q=\d/ }
const CHALLENGED = { 'www-authenticate': /^Bearer/ }

/** What the gate and its peer must both answer: enough to know that every part is there and at work. */
function rows(): readonly Row[] {
  const allowed = requestOf('allowed', tokenFor('caller'))
  const foreign = { ...allowed, fields: { ...allowed.fields, Origin: 'https://evil.example' } }
  const preflight = requestOf('preflight', '')
  return [
    {
      what: 'a good request',
      sent: allowed,
      status: STATUS.allowed,
      body: BODY,
      fields: { ...SECURED, ...READABLE, ...COUNTED },
    },
    {
      what: 'no token',
      sent: requestOf('401', ''),
      status: STATUS['401'],
      fields: { ...SECURED, ...READABLE, ...CHALLENGED },
    },
    {
      what: 'a token that somebody else signed',
      sent: requestOf('allowed', tokenFor('caller', undefined, 'another secret of 32 bytes, yes!!')),
      status: 401,
      fields: { ...SECURED, ...CHALLENGED },
    },
    {
      what: 'a token without the scope',
      sent: requestOf('allowed', tokenFor('caller', 'other:read')),
      status: 403,
      fields: { ...SECURED, ...READABLE },
    },
    {
      what: 'an origin that is not allowed',
      sent: foreign,
      status: 200,
      fields: { ...SECURED, 'access-control-allow-origin': undefined },
    },
    {
      what: 'a preflight',
      sent: preflight,
      status: STATUS.preflight,
      body: '',
      fields: {
        ...READABLE,
        'access-control-allow-methods': /GET/,
        'access-control-allow-headers': /authorization/,
        'access-control-max-age': /^600$/,
      },
    },
  ]
}

/** What a stack answers otherwise than it must. */
export async function wrongAnswers(name: string, { port }: Verifiable): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const row of rows()) {
    const got = await ask(port, row.sent)
    const say = (difference: string): number => wrong.push(`${name}, ${row.what}: ${difference}`)
    if (got.status !== row.status) say(`status ${got.status} instead of ${row.status}`)
    if (row.body !== undefined && got.body !== row.body) say('another body')
    const fields = new Map(pairsOf(got.fields).map(([field, value]) => [field.toLowerCase(), value]))
    for (const [field, expected] of Object.entries(row.fields)) {
      const value = fields.get(field)
      if (expected === undefined ? value !== undefined : value === undefined || !expected.test(value)) {
        say(`${field} is ${value === undefined ? 'missing' : `"${value}"`}`)
      }
    }
  }
  return wrong
}

/**
 * In what the floor's response is not the gate's. Values that change from one response to the next (`Date`, the
 * numbers of `RateLimit`) are compared by their form.
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

function linesOf(answer: Answer): readonly string[] {
  return pairsOf(answer.fields).map(([name, value]) => {
    const lower = name.toLowerCase()
    if (lower === 'date') return `${name}: (a date)`
    return `${name}: ${lower === 'ratelimit' ? value.replaceAll(/\d+/g, '#') : value}`
  })
}

/** What node:http writes of its own accord is no part of an answer. */
function isOwn([name]: readonly [string, string]): boolean {
  return !['date', 'connection', 'keep-alive', 'transfer-encoding'].includes(name.toLowerCase())
}

function pairsOf(fields: readonly string[]): readonly (readonly [string, string])[] {
  return fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? ''] as const] : []))
}
