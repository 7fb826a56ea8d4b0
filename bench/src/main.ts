import { appendFile, writeFile } from 'node:fs/promises'
import { formatLimiter } from './limiter/report.ts'
import { measureLimiter } from './limiter/run.ts'
import { describeMachine } from './machine.ts'
import { sidesAsMarkdown, stacksAsMarkdown } from './markdown.ts'
import { durationOf, type GatePlan, HELP, readOptions, type Settings } from './options.ts'
import { createProgress, type Progress } from './progress.ts'
import { formatReport } from './report.ts'
import { measure } from './rounds.ts'
import { formatSinks } from './sinks/report.ts'
import { measureSinks } from './sinks/run.ts'
import { startStack, STACKS } from './stack-process.ts'
import { type Sample, summarise } from './statistics.ts'
import { verify } from './verify.ts'
import { CONNECTIONS, tokensOfCallers, workloadOf } from './workload.ts'

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
  const { gate, limiter, sinks, json, markdown } = settings
  // A file that cannot be written is told now, not after the last round; until then it keeps what it holds.
  for (const file of [json, markdown]) if (file !== undefined) await appendFile(file, '')
  const machine = describeMachine()
  const seconds = durationOf(settings)
  process.stderr.write(`${outlineOf(settings)}; about ${seconds} s\n`)
  const progress = createProgress(process.stderr, seconds)
  const { ofGate, ofLimiter, ofSinks } = await (async () => ({
    ofGate: gate && (await measureGate(gate, progress, signal)),
    ofLimiter: limiter && (await measureLimiter(limiter, progress, signal)),
    ofSinks: sinks && (await measureSinks(sinks, progress, signal)),
  }))().finally(() => progress.stop())

  const summaries = summarise(ofGate ?? [], STACKS)
  if (gate !== undefined) process.stdout.write(`\n${formatReport(summaries, machine)}`)
  if (ofLimiter !== undefined) process.stdout.write(`\n${formatLimiter(ofLimiter.results, machine)}`)
  if (ofSinks !== undefined) process.stdout.write(`\n${formatSinks(ofSinks.summaries, machine)}`)
  if (markdown !== undefined) {
    const { sides = [], stacks = [] } = ofLimiter?.results ?? {}
    const sinked = ofSinks?.summaries ?? []
    const tables = [
      stacksAsMarkdown(summaries),
      sidesAsMarkdown(sides),
      stacksAsMarkdown(stacks),
      stacksAsMarkdown(sinked),
    ]
    const filled = [summaries, sides, stacks, sinked].map(({ length }) => length > 0)
    await writeFile(markdown, tables.filter((_, index) => filled[index]).join('\n'))
  }
  if (json !== undefined) {
    const results = {
      machine,
      ...(gate && { plan: { ...gate, connections: CONNECTIONS }, summaries, samples: ofGate }),
      ...(limiter && { limiter: { plan: { ...limiter, connections: CONNECTIONS }, ...ofLimiter } }),
      ...(sinks && { sinks: { plan: { ...sinks, connections: CONNECTIONS }, ...ofSinks } }),
    }
    await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`)
  }
}

/** What will be measured, in one line. */
function outlineOf({ gate, limiter, sinks }: Settings): string {
  const parts = [
    gate &&
      `${gate.scenarios.join(', ')}: ${gate.stacks.join(', ')}; ${gate.rounds} rounds of ${gate.seconds} s`,
    limiter &&
      `limiter: ${limiter.parts.join(', ')}; ${limiter.keys} keys, ${limiter.rounds} rounds of ${limiter.seconds} s`,
    sinks && `sinks: ${sinks.sinks.join(', ')}; ${sinks.rounds} rounds of ${sinks.seconds} s`,
  ]
  return [...parts.filter((part) => part !== undefined), `${CONNECTIONS} connections`].join('; ')
}

/** Starts the stacks, sees that they answer the same, measures them, and ends them whatever happens. */
async function measureGate(
  plan: GatePlan,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const floor = startStack('floor')
  const gatehouse = startStack('gatehouse')
  const express = startStack('express')
  const all = [floor, gatehouse, express]
  try {
    await Promise.all(all.map((stack) => stack.listening()))
    const answers = await verify({ floor, gatehouse, express })
    signal.throwIfAborted()
    const names: readonly string[] = plan.stacks
    const stacks = all.filter(({ name }) => names.includes(name))
    const tokens = tokensOfCallers()
    const workloads = plan.scenarios.map((scenario) => workloadOf(scenario, tokens))
    return await measure({ stacks, workloads, answers }, plan, progress, signal)
  } finally {
    await Promise.all(all.map((stack) => stack.end()))
  }
}
