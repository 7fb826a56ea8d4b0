import { pathToFileURL } from 'node:url'
import { type AgainstRow, compareCores, formatAgainst } from './against.ts'

/* Run by .ci/regression.mjs with the files of both cores, and of the subject: node against-main.mjs BASE HEAD SUBJECT */

const EXIT_WORSE = 3

const [base = '', head = '', subject = ''] = process.argv.slice(2)

const PLAN = {
  base: pathToFileURL(base),
  head: pathToFileURL(head),
  subject: pathToFileURL(subject),
  rows: [{ row: 'allowed', over: 'floor of allowed' }, { row: '401' }, { row: 'match of 1,000' }],
  rounds: 9,
  withinMs: 30_000,
  warmUpMs: 350,
  ms: 120,
  // What the same core against itself is not, however busy the machine: see the page of the benches.
  thresholds: { factor: 1.3, chance: 0.001 },
}

const slower = await slowerRows()
// Who was unlucky once is not so twice; who is slower is slower again.
const again = slower.length === 0 ? [] : await slowerRows()
const worse = slower.filter((row) => again.includes(row))
if (worse.length > 0) {
  process.stderr.write(`bench: slower than the base: ${worse.join(', ')}\n`)
  process.exitCode = EXIT_WORSE
}

async function slowerRows(): Promise<readonly string[]> {
  const compared: readonly AgainstRow[] = await compareCores(PLAN, new AbortController().signal)
  process.stdout.write(formatAgainst(compared, PLAN.thresholds))
  if (compared.some(({ comparison }) => comparison.finding === 'too few'))
    process.stdout.write(
      'bench: this machine is too busy to tell a regression from noise in the time there is\n',
    )
  return compared.filter(({ comparison }) => comparison.finding === 'worse').map(({ row }) => row)
}
