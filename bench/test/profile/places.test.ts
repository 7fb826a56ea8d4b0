import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coreSections, directoryOf, kindOf, placer, sectionsOf } from '../../src/profile/places.ts'
import type { ProfileNode } from '../../src/stacks/profiler.ts'

const BUNDLE = `// src/lib/chars.ts
function one() {}
// src/checks/cors.ts
function two() {}
// a comment
function three() {}
`
const placeOf = placer(sectionsOf(BUNDLE))
const CORE = 'file:///x/packages/core/dist/index.js'

const node = (functionName: string, url = '', lineNumber = 0): ProfileNode => ({
  id: 1,
  callFrame: { functionName, url, lineNumber },
})

const PLACES: readonly (readonly [what: string, callers: readonly ProfileNode[], place: string])[] = [
  ['the first file of the bundle', [node('one', CORE, 1)], 'gate: lib'],
  ['the last, past a comment that names no file', [node('three', CORE, 5)], 'gate: checks/cors'],
  ['a source of the core', [node('a', 'file:///x/packages/core/src/respond/fields.ts')], 'gate: respond'],
  ['an adapter', [node('guard', 'file:///x/packages/adapter-express/dist/index.js')], 'gate: adapter'],
  ['node:http', [node('writeHead', 'node:_http_server')], 'node:http'],
  ['node:crypto', [node('verify', 'node:internal/crypto/sig')], 'node:crypto'],
  ['a function with the name of what every object has', [node('constructor', 'node:events')], 'node, else'],
  ['a timer', [node('listOnTimeout', 'node:internal/timers')], 'node, else'],
  ['ioredis', [node('write', '/x/node_modules/ioredis/built/Redis.js')], 'Redis client'],
  ['express', [node('handle', '/x/node_modules/.pnpm/express/lib/router.js')], 'framework'],
  ['the handler', [node('', 'file:///x/bench/src/stacks/floor.ts')], 'handler'],
  ['garbage collection, whoever is at work', [node('(garbage collector)'), node('one', CORE)], 'gc'],
  ['what V8 cannot name', [node('(program)')], 'rest'],
  ['what is built in, called by the gate', [node('parse'), node('two', CORE, 3)], 'gate: checks/cors'],
  [
    'what is built in, called by node:crypto',
    [node('update'), node('', 'node:internal/crypto/hash')],
    'node:crypto',
  ],
  ['a write to the socket', [node('writev'), node('', 'node:internal/stream_base_commons')], 'socket'],
  ['what is built in, called by nobody', [node('dispatch'), node('(root)')], 'rest'],
]
for (const [what, callers, place] of PLACES) {
  test(`${what}: ${place}`, () => assert.equal(placeOf(callers).place, place))
}

test('what is built in is told with the file of the core that called it', () => {
  assert.equal(placeOf([node('parse'), node('two', CORE, 3)]).file, 'checks/cors.ts')
  assert.equal(placeOf([node('writeHead', 'node:_http_server')]).file, undefined)
})

test('a file is of its directory, a check is of its own', () => {
  assert.deepEqual(
    ['checks/cors/origins.ts', 'checks/cors.ts', 'identity/jwt/jws.ts', 'gatehouse.ts'].map(directoryOf),
    ['checks/cors', 'checks/cors', 'identity', 'gatehouse'],
  )
})

test('every place is of a kind', () => {
  assert.deepEqual(['gc', 'socket', 'gate: checks/cors', 'gate: adapter'].map(kindOf), [
    'gc',
    'socket',
    'gate',
    'gate',
  ])
})

test('a bundle that does not tell what it is made of is no bundle to look into', () => {
  assert.throws(() => sectionsOf('export {}'), /does not tell/)
  // The one that stacks run does.
  assert.notEqual(coreSections()(10), 'else')
})
