import type { RequestFacts } from '../contract/request.ts'
import { STATUS_CODES } from '../lib/http.ts'
import type { FinishPlan } from './finisher.ts'
import type { Problem } from './problem.ts'

/**
 * A problem as the bytes of a whole HTTP/1.1 response, for a connection on which node:http made no response object:
 * with every field that the finisher would have added.
 *
 * @param fields of the refusal; none that are above
 */
export function rawProblem(
  sent: Problem,
  plan: FinishPlan,
  facts: RequestFacts,
  fields: readonly string[] = [],
): string {
  const lines = [
    `HTTP/1.1 ${sent.status} ${STATUS_CODES[sent.status] ?? ''}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(sent.body)}`,
    'Connection: close',
    'Cache-Control: no-store',
    ...plan.sources
      .flatMap((source) => linesOf(source.fields(facts)))
      .filter((line) => !/^cache-control:/i.test(line)),
    ...linesOf(fields),
  ]
  if (plan.vary.length > 0) lines.push(`Vary: ${plan.vary.join(', ')}`)
  return `${lines.join('\r\n')}\r\n\r\n${sent.body}`
}

function linesOf(fields: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) lines.push(`${fields[i]}: ${fields[i + 1]}`)
  return lines
}
