import { handToFloor, type Verifiable, type VerifiableFloor, wrongLimits, WrongAnswers } from '../verify.ts'
import { HOST, type Workload } from '../workload.ts'
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

/** What a stack with that limit does otherwise than let in so many, and answer 429 after. */
export function wrongSmallLimits(name: string, stack: Verifiable): Promise<readonly string[]> {
  return wrongLimits(name, stack, SMALL.limit, SENT)
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
  if (all.length > 0) throw new WrongAnswers(all)
  return answer
}
