import { ask } from '../ask.ts'
import { measure, type Timing, type Watcher } from '../rounds.ts'
import type { StackProcess } from '../stack-process.ts'
import { type Sample, summarise, type Summary } from '../statistics.ts'
import { WrongAnswers } from '../verify.ts'
import { REFUSED as UNAUTHENTICATED, type Workload } from '../workload.ts'
import { FAULTY, type SinkName, SINKS, startSinkStack } from './sink-stack.ts'

/** Measures gates with sinks that fail. */
export interface SinksPlan extends Timing {
  /** The sinks to measure; none is always one of them. */
  readonly sinks: readonly SinkName[]
}

/** Every request is refused, and so is told. */
const REFUSED: Workload = { ...UNAUTHENTICATED, name: 'refused' }

/**
 * What a sink costs the requests that it is told of, beside a gate whose events are only counted.
 *
 * Traps: a sink that fails does less than one that writes, so it is the healthy one that costs. And two processes that run
 * the very same differ as well: `none again` says by how much, in this run and on this machine.
 *
 * @throws WrongAnswers when a gate told fewer events than it refused requests, or a sink that should fail did not
 */
export async function measureSinks(
  { sinks, ...timing }: SinksPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<{ readonly summaries: readonly Summary[]; readonly samples: readonly Sample[] }> {
  signal.throwIfAborted()
  const stacks: StackProcess[] = []
  try {
    // One after the other: as many compilers at once would keep the last of them waiting for longer than it is waited for.
    for (const name of sinks) {
      const stack = startSinkStack(name)
      stacks.push(stack)
      await stack.listening()
      signal.throwIfAborted()
    }
    await seeRefused(stacks)
    const samples = await measure({ stacks, workloads: [REFUSED], answers: {} }, timing, watcher, signal)
    await seeLost(stacks)
    return { summaries: summarise(samples, SINKS, 'none'), samples }
  } finally {
    await Promise.all(stacks.map((stack) => stack.end()))
  }
}

async function seeRefused(stacks: readonly StackProcess[]): Promise<void> {
  const [sent] = REFUSED.requests
  if (sent === undefined) return
  const answers = await Promise.all(stacks.map(({ port }) => ask(port, sent)))
  const wrong = stacks.flatMap(({ name }, index) => {
    const status = answers[index]?.status
    return status === REFUSED.status ? [] : `${name} answers ${status}`
  })
  if (wrong.length > 0) throw new WrongAnswers(wrong)
}

/** A sink that was to fail and lost nothing was measured as a healthy one. */
async function seeLost(stacks: readonly StackProcess[]): Promise<void> {
  const faulty: readonly string[] = FAULTY
  for (const stack of stacks) {
    const { lost = 0 } = await stack.usage()
    if (faulty.includes(stack.name) !== lost > 0)
      throw new WrongAnswers([`${stack.name}: the sink lost ${lost} events`])
  }
}
