import { appendFile, writeFile } from 'node:fs/promises'
import { compareWith, writeReport } from './after.ts'
import { describeMachine } from './machine.ts'
import { nodesOf } from './nodes.ts'
import { HELP, readOptions, type Settings } from './options.ts'
import { clock, createProgress } from './progress.ts'
import { formatMachine } from './report.ts'
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
  const { prepared, json, markdown, compare, report } = settings
  // A file that cannot be written is told now, not after the last round; until then it keeps what it holds.
  for (const file of [json, markdown]) if (file !== undefined) await appendFile(file, '')
  const machine = describeMachine()
  const measured = await measureAll(settings, signal)

  const now = { machine, measured }
  for (const [index, { part, whole }] of prepared.entries()) {
    const one = measured[index]
    if (one === undefined) continue
    process.stdout.write(`\n${part.format(one.results)}\n`)
    if (whole) await keepResults(machine, one)
  }
  if (measured.length > 0) process.stdout.write(formatMachine(machine))
  if (markdown !== undefined) {
    const tables = prepared.flatMap(({ part }, index) => part.markdown(measured[index]?.results ?? {}))
    await writeFile(markdown, tables.join('\n'))
  }
  if (json !== undefined) await writeResults(json, now)
  if (report) process.stdout.write(`\n${await writeReport()}\n`)
  if (compare === undefined) return 0
  const { text, worse } = await compareWith(compare, now)
  process.stdout.write(`\n${text}\n`)
  return worse ? EXIT_WORSE : 0
}

/** Measures one part after the other, in the order of the table. */
async function measureAll({ prepared, nodes }: Settings, signal: AbortSignal): Promise<readonly Measured[]> {
  // Fetched now, and not in the middle of the first part.
  await nodesOf(nodes)
  const seconds = prepared.reduce((sum, each) => sum + each.seconds, 0)
  for (const { part, outline, seconds: own } of prepared)
    process.stderr.write(`${part.name}: ${outline}; about ${clock(own)}\n`)
  if (prepared.length > 1) process.stderr.write(`all: about ${clock(seconds)}\n`)
  const measured: Measured[] = []
  const progress = createProgress(process.stderr, seconds)
  try {
    for (const { part, plan, measure } of prepared) {
      signal.throwIfAborted()
      measured.push({ part: part.name, plan, results: await measure(progress, signal) })
    }
  } finally {
    progress.stop()
  }
  return measured
}
