import { appendFile, writeFile } from 'node:fs/promises'
import { compareWith, writeReport } from './after.ts'
import { describeMachine, type Machine } from './machine.ts'
import { nodesOf } from './nodes.ts'
import { HELP, readOptions, type Settings } from './options.ts'
import type { Part, Prepared } from './part.ts'
import { about, createProgress, type Progress } from './progress.ts'
import { formatMachine } from './report.ts'
import type { Watcher } from './rounds.ts'
import { keepResults, type Measured, writeResults } from './results.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_WORSE = 3
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
    return await bench(parsed.settings, interruption.signal)
  } catch (thrown) {
    // What broke because the stacks were told to go is no failure of its own.
    const error: unknown = interruption.signal.aborted ? interruption.signal.reason : thrown
    process.stderr.write(`\nbench: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof Interrupted ? error.exitCode : EXIT_FAILED
  }
}

async function bench(settings: Settings, signal: AbortSignal): Promise<number> {
  const { json, markdown, compare, report } = settings
  // A file that cannot be written is told now, not after the last round; until then it keeps what it holds.
  for (const file of [json, markdown]) if (file !== undefined) await appendFile(file, '')
  const machine = describeMachine()
  const { all, failures } = await measureAll(settings, machine, signal)

  for (const { part, measured } of all) process.stdout.write(`\n${part.format(measured.results)}\n`)
  if (all.length > 0) process.stdout.write(formatMachine(machine))
  if (markdown !== undefined)
    await writeFile(markdown, all.flatMap(({ part, measured }) => part.markdown(measured.results)).join('\n'))
  const now = { machine, measured: all.map(({ measured }) => measured) }
  if (json !== undefined) await writeResults(json, now)
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, tell(failures))
  if (report) process.stdout.write(`\n${await writeReport()}\n`)
  if (compare === undefined) return 0
  const { text, worse } = await compareWith(compare, now)
  process.stdout.write(`\n${text}\n`)
  return worse ? EXIT_WORSE : 0
}

function tell(failures: readonly unknown[]): string {
  return failures.map((error) => (error instanceof Error ? error.message : String(error))).join('\n')
}

/** A part, and what came of it. */
interface Done {
  readonly part: Part
  readonly measured: Measured
}

/**
 * Measures one part after the other, in the order of the table, and keeps each as soon as it is measured: an hour is not
 * lost because of the last minute of it. A part that fails is told at the end; the others are measured all the same.
 */
async function measureAll(
  settings: Settings,
  machine: Machine,
  signal: AbortSignal,
): Promise<{ readonly all: readonly Done[]; readonly failures: readonly unknown[] }> {
  const { prepared, nodes } = settings
  // Fetched now, and not in the middle of the first part.
  await nodesOf(nodes)
  const seconds = prepared.reduce((sum, each) => sum + each.seconds, 0)
  for (const { part, outline, seconds: own } of prepared)
    process.stderr.write(`${part.name}: ${outline}; ${about(own)}\n`)
  if (prepared.length > 1) process.stderr.write(`all: ${about(seconds)}\n`)
  const all: Done[] = []
  const failures: unknown[] = []
  const progress = createProgress(process.stderr, seconds)
  try {
    for (const one of prepared) {
      if (signal.aborted) break
      const { done, failure } = await measurePart(one, progress, signal)
      if (failure !== undefined) failures.push(failure)
      if (done === undefined) continue
      all.push(done)
      if (!isKept(one, settings, failure === undefined)) continue
      await keepResults(one.part, one.whole && failure === undefined, machine, done.measured).catch(
        // What cannot be kept is told, and printed all the same.
        (error: unknown) => void failures.push(error),
      )
    }
  } finally {
    progress.stop()
  }
  return { all, failures }
}

/** What a part has measured: all of it, or what it had when it was broken off. */
async function measurePart(
  { part, plan, measure }: Prepared,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly done: Done | undefined; readonly failure?: unknown }> {
  let soFar: Measured | undefined
  const watcher: Watcher = {
    ...progress,
    soFar(done, results) {
      soFar = { part: part.name, plan: done, results }
    },
  }
  try {
    return { done: { part, measured: { part: part.name, plan, results: await measure(watcher, signal) } } }
  } catch (failure) {
    return { done: soFar && { part, measured: soFar }, failure }
  }
}

/** A first look is not kept unasked, nor what has fewer rounds than it was to have. */
function isKept({ whole, part }: Prepared, { keep }: Settings, ended: boolean): boolean {
  return keep || (whole && (ended || part.endsAnywhere === true))
}
