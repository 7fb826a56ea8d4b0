import { appendFile, writeFile } from 'node:fs/promises'
import { describeMachine } from './machine.ts'
import { durationOf, HELP, readOptions, type Settings } from './options.ts'
import { createProgress, type Progress } from './progress.ts'
import { formatReport } from './report.ts'
import { measure } from './rounds.ts'
import { StackProcess } from './stack-process.ts'
import { type Sample, summarise } from './statistics.ts'
import { verify } from './verify.ts'
import { CONNECTIONS } from './workload.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** Somebody wants the bench to end. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly exitCode: number

  constructor(signal: keyof typeof EXIT_SIGNAL) {
    super(`interrupted by ${signal}`)
    this.exitCode = EXIT_SIGNAL[signal]
  }
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const parsed = readOptions(args)
  if (parsed.type === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  if (parsed.type === 'mistake') {
    process.stderr.write(`bench: ${parsed.message}\nTry: npm run bench -- --help\n`)
    return EXIT_USAGE
  }
  const interruption = new AbortController()
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => interruption.abort(new Interrupted(signal)))
  }
  try {
    await bench(parsed.settings, interruption.signal)
    return 0
  } catch (thrown) {
    // What broke because the stacks were told to go is no failure of its own.
    const error: unknown = interruption.signal.aborted ? interruption.signal.reason : thrown
    process.stderr.write(`\nbench: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof Interrupted ? error.exitCode : EXIT_FAILED
  }
}

async function bench(settings: Settings, signal: AbortSignal): Promise<void> {
  const { plan, stacks, json } = settings
  // A file that cannot be written is told now, not after the last round; until then it keeps what it holds.
  if (json !== undefined) await appendFile(json, '')
  const machine = describeMachine()
  const seconds = durationOf(settings)
  process.stderr.write(
    `${plan.scenarios.join(', ')}: ${stacks.join(', ')}; ${plan.rounds} rounds of ${plan.seconds} s, ` +
      `${CONNECTIONS} connections; about ${seconds} s\n`,
  )
  const progress = createProgress(process.stderr, seconds)
  const samples = await run(settings, progress, signal).finally(() => progress.stop())
  const summaries = summarise(samples, stacks)
  process.stdout.write(`\n${formatReport(summaries, machine)}`)
  if (json !== undefined) {
    const results = { machine, plan: { ...plan, connections: CONNECTIONS }, summaries, samples }
    await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`)
  }
}

/** Starts the stacks, sees that they answer the same, measures them, and ends them whatever happens. */
async function run(settings: Settings, progress: Progress, signal: AbortSignal): Promise<readonly Sample[]> {
  const floor = new StackProcess('floor')
  const gatehouse = new StackProcess('gatehouse')
  const express = new StackProcess('express')
  const all = [floor, gatehouse, express]
  try {
    await Promise.all(all.map((stack) => stack.listening()))
    const answers = await verify({ floor, gatehouse, express })
    signal.throwIfAborted()
    const measured = all.filter(({ name }) => settings.stacks.includes(name))
    return await measure({ stacks: measured, answers }, settings.plan, progress, signal)
  } finally {
    await Promise.all(all.map((stack) => stack.end()))
  }
}
