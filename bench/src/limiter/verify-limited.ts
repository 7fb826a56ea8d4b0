import { ask } from '../ask.ts'
import { handToFloor, type Verifiable, type VerifiableFloor, WrongAnswers } from '../verify.ts'
import { BODY, HOST, type Workload } from '../workload.ts'
import type { Answer } from '../stacks/answer.ts'

/** What each stack is loaded with: requests of one client, all of which are let in. */
export const LIMITED_LOAD: Workload = {
  name: 'redis',
  status: 200,
  requests: [{ method: 'GET', fields: { Host: HOST } }],
}

/** A limit that a stack is seen to hold before it is measured with one that it never reaches. */
export const SMALL = { limit: 5, seconds: 600 } as const

const [SENT = { method: 'GET' as const, fields: {} }] = LIMITED_LOAD.requests

/** What a stack with a small limit does otherwise than let in so many, and answer 429 after. */
export async function wrongLimits(
  name: string,
  { port }: Verifiable,
  limit: number = SMALL.limit,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (let request = 1; request <= limit + 2; request++) {
    const { status, body } = await ask(port, SENT)
    const expected = request > limit ? 429 : 200
    if (status !== expected)
      wrong.push(`${name}, request ${request} of ${limit}: status ${status} instead of ${expected}`)
    else if (status === 200 && body !== BODY) wrong.push(`${name}, request ${request}: another body`)
  }
  return wrong
}

/**
 * Has the floor answer as the gate does.
 *
 * @returns what the floor is to write
 * @throws WrongAnswers when it writes something else
 */
export async function answerOfGate(floor: VerifiableFloor, gate: Verifiable): Promise<Answer> {
  const { answer, wrong } = await handToFloor(floor, gate, SENT)
  const all = answer.status === 200 ? wrong : [`the gate answers ${answer.status}`, ...wrong]
  if (all.length > 0) throw new WrongAnswers(`The stacks cannot be compared.\n  ${all.join('\n  ')}`)
  return answer
}
