import { spreadOf } from '../statistics.ts'
import { rowOf } from './rows.ts'
import { measureMicro } from './run.ts'

const rounds = Number(process.argv[2] ?? 5)
const rows: string[] = ['allowed', 'allowed, writeHead']
const samples = await measureMicro(
  { rows, rounds, warmUpMs: 1500, ms: 1000 },
  { begins: () => undefined, measured: () => undefined },
  new AbortController().signal,
)
const of = (row: string): readonly number[] =>
  samples
    .filter((s) => s.row === row)
    .sort((a, b) => a.round - b.round)
    .map((s) => s.nanos / 1000)
const say = (what: string, values: readonly number[]): void => {
  const { median, min, max } = spreadOf(values)
  console.log(
    `${what.padEnd(36)} ${median.toFixed(2).padStart(6)} µs (${min.toFixed(2)} to ${max.toFixed(2)})`,
  )
}
say('floor', of('floor allowed'))
for (const row of rows) {
  const floor = of(rowOf(row).over ?? row)
  say(row, of(row))
  say(
    `${row}, above the floor`,
    of(row).map((v, i) => v - (floor[i] ?? 0)),
  )
}
