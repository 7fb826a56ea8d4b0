import type { RowFacts } from './row.ts'

/** What is measured from outside of a process. */
export const WEIGHTS: Readonly<Record<string, RowFacts>> = {
  'bytes of a key': {
    group: 'limiter',
    what: 'resident memory of a key, with its text, at a million keys',
    unit: 'bytes',
    bound: { must: 32, aim: 20 },
  },
  'empty process': {
    group: 'weight',
    what: 'node, and a module that imports nothing',
    unit: 'ms',
    isFloor: true,
  },
  import: {
    group: 'weight',
    what: 'import of @gatehouse/core',
    unit: 'ms',
    over: 'empty process',
    bound: { must: 15, aim: 5 },
  },
  packed: {
    group: 'weight',
    what: 'the tarball of @gatehouse/core, with its types',
    unit: 'kB',
    bound: { must: 150, aim: 100 },
    isOfNoLine: true,
  },
}
