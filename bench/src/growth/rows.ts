import { CORS, PATH } from '../workload.ts'
import { decisionAt } from '../micro/calls.ts'
import { compileOf, gate, least, routedWires, routes, schemeOf } from '../micro/requests.ts'
import type { Row, Rows } from '../micro/row.ts'

/** What grows, and how far. */
export interface Growth {
  readonly title: string
  /** What is measured, by what it is called. */
  readonly rows: (size: number) => Readonly<Record<string, Row>>
  readonly sizes: readonly number[]
}

const TO_10K = [1, 10, 100, 1000, 10_000]

/** Everything that is measured within a process. */
export const GROWTHS: Readonly<Record<string, Growth>> = {
  routes: {
    title: 'routes of a policy',
    sizes: TO_10K,
    rows: (size) => ({
      'request (µs)': gate(
        { ...least(() => ({ routes: routes(size) })), wires: () => routedWires(size) },
        'routes',
        `a request of one of ${size} routes`,
      ),
      'compile (ms)': compileOf(size),
    }),
  },
  keys: {
    title: 'live keys of a limiter in memory',
    sizes: [...TO_10K, 100_000, 1_000_000, 10_000_000],
    rows: (size) => ({ 'decision (ns)': decisionAt(size) }),
  },
  origins: {
    title: 'origins that CORS allows',
    sizes: TO_10K,
    rows: (size) => ({
      'request (µs)': gate(
        least(() => ({ cors: { origins: origins(size), methods: CORS.methods, headers: CORS.headers } })),
        'checks',
        `a request of one of ${size} origins`,
      ),
    }),
  },
  roles: {
    title: 'roles of a hierarchy',
    sizes: [1, 10, 100, 1000],
    rows: (size) => ({
      'request (µs)': gate(
        least(
          (core) => ({
            authenticate: schemeOf(core, 'HS256', true),
            roles: roles(size),
            routes: { [`GET ${PATH}`]: { scopes: ['data:read'] }, '/admin/*': { roles: ['role-0'] } },
          }),
          true,
        ),
        'checks',
        `a request where there are ${size} roles`,
      ),
    }),
  },
}

/** The name of a row of one size. */
export function grownName(growth: string, size: number, row: string): string {
  return `${growth} ${size}: ${row}`
}

/** All of them, as a process is asked for them. */
export const GROWN: Rows = Object.fromEntries(
  Object.entries(GROWTHS).flatMap(([growth, { rows, sizes }]) =>
    sizes.flatMap((size) =>
      Object.entries(rows(size)).map(([name, row]) => [grownName(growth, size, name), row] as const),
    ),
  ),
)

/** The last is the one that asks. */
function origins(count: number): readonly string[] {
  return [
    ...Array.from({ length: count - 1 }, (_, index) => `https://app-${index}.example`),
    'https://app.example.com',
  ]
}

/** Each has the one before it. */
function roles(count: number): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `role-${index}`,
      // In tens: a chain of a thousand steps is nobody's.
      index % 10 === 0 ? [] : [`role-${index - 1}`],
    ]),
  )
}
