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
  'modules of Node': {
    group: 'weight',
    what: 'of it, the modules of Node that it loads: import of a module that does nothing else',
    unit: 'ms',
    over: 'empty process',
  },
  'compiling the source': {
    group: 'weight',
    what: 'of it, what V8 takes to read its source: a module is made, and nothing of it runs',
    unit: 'ms',
  },
  'import, minified': {
    group: 'weight',
    what: 'import of @gatehouse/core, if it were minified',
    unit: 'ms',
    over: 'empty process',
  },
  'import, least gate': {
    group: 'weight',
    what: 'import of `gatehouse` and `jwt` alone, bundled and minified',
    unit: 'ms',
    over: 'empty process',
  },
  packed: {
    group: 'weight',
    what: 'the tarball of @gatehouse/core, with its types',
    unit: 'kB',
    bound: { must: 150, aim: 100 },
    isOfNoLine: true,
  },
  'packed code': { group: 'weight', what: 'of it, the code', unit: 'kB', isOfNoLine: true },
  'packed types': {
    group: 'weight',
    what: 'of it, the types with their documentation',
    unit: 'kB',
    isOfNoLine: true,
  },
  'packed code, minified': {
    group: 'weight',
    what: 'the code, if it were minified',
    unit: 'kB',
    isOfNoLine: true,
  },
  'packed code, least gate': {
    group: 'weight',
    what: 'the code of `gatehouse` and `jwt` alone, bundled and minified',
    unit: 'kB',
    isOfNoLine: true,
  },
}
