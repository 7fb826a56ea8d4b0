import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http'
import { CODES } from '../../../src/contract/codes.ts'

/** A status line: of a response that is shown whole. */
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) (.+)$/

/** What is wrong with a message as a page shows it: a status line or none, fields, and a problem below an empty line. */
export function mistakesOfMessage(code: string): readonly string[] {
  const [head = '', ...rest] = code.trimEnd().split('\n\n')
  const lines = head.split('\n')
  const [, status, reason] = STATUS_LINE.exec(lines[0] ?? '') ?? []
  const fields = status === undefined ? lines : lines.slice(1)
  const mistakes = fields.flatMap(mistakesOfField)
  if (status !== undefined && STATUS_CODES[status] !== reason) mistakes.push(`${status} is not "${reason}"`)
  if (rest.length > 0) mistakes.push(...mistakesOfProblem(rest.join('\n\n'), status))
  return mistakes
}

function mistakesOfField(line: string): readonly string[] {
  const [name = '', ...value] = line.split(': ')
  try {
    if (value.length === 0) throw new Error('no colon')
    validateHeaderName(name)
    validateHeaderValue(name, value.join(': '))
    return []
  } catch (error) {
    return [`${JSON.stringify(line)} is no field: ${String(error)}`]
  }
}

/**
 * What is wrong with a problem (RFC 9457) that a page shows: its code, its title and its status are those of the table.
 *
 * @param status what the status line says, where there is one
 */
export function mistakesOfProblem(text: string, status?: string): readonly string[] {
  let problem: Readonly<Record<string, unknown>>
  try {
    problem = JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch (error) {
    return [String(error)]
  }
  const mistakes: string[] = []
  if (status !== undefined && problem['status'] !== Number(status))
    mistakes.push(`the status is ${status}, and in the problem ${JSON.stringify(problem['status'])}`)
  const { type } = problem
  const named = typeof type === 'string' && type.startsWith('urn:') ? type.split(':').at(-1) : undefined
  const code = problem['code'] ?? named
  if (typeof code !== 'string' || !(code in CODES)) return [...mistakes, `${JSON.stringify(code)} is no code`]
  const known = CODES[code as keyof typeof CODES]
  for (const key of ['title', 'status'] as const)
    if (problem[key] !== known[key]) mistakes.push(`the ${key} of ${code} is ${JSON.stringify(known[key])}`)
  if (named !== undefined && named !== code) mistakes.push(`the type of ${code} is another one: ${named}`)
  return mistakes
}
