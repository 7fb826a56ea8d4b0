import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Fixture, fixture } from '../../../testkit/src/adapter/fixture.ts'
import { nodeHttp } from '../../../testkit/src/adapter/reference.ts'
import { adapterConformance } from '../../../testkit/src/adapter-conformance.ts'
import { type RunningHttp2, sendFrames, startHttp2 } from '../support/http2.ts'

adapterConformance({
  name: 'node:http2',
  mount: nodeHttp,
  http2: true,
})

/** A field section that is right, but for what a row changes or adds. */
const SECTION = { ':method': 'GET', ':scheme': 'http', ':path': '/open', ':authority': 'api.example.com' }

/**
 * Field sections of HTTP/2 that no client writes; `reset` where node:http2 refuses them before there is a request, and `or`
 * where it does so from some release on.
 */
const ROWS: readonly (readonly [
  id: string,
  name: string,
  change: Readonly<Record<string, string | undefined>>,
  more: readonly string[],
  answer: string,
])[] = [
  ['DEP-02', 'a request that is right', {}, [], '200 {"ok":true}'],
  ['REQ-02', 'a malformed :authority', { ':authority': 'a b' }, [], 'reset'],
  [
    'REQ-02',
    'an :authority with a user',
    { ':authority': 'a@api.example.com' },
    [],
    '400 invalid_host or reset',
  ],
  ['REQ-02', 'an empty :authority', { ':authority': '' }, [], 'reset'],
  ['REQ-01', 'no :authority and no Host', { ':authority': undefined }, [], 'reset'],
  ['REQ-01', 'Host alone', { ':authority': undefined }, ['host', 'api.example.com'], '200 {"ok":true}'],
  ['REQ-01', 'Host of another host beside :authority', {}, ['host', 'evil.example'], '400 invalid_host'],
  ['REQ-01', 'two Hosts', {}, ['host', 'api.example.com', 'host', 'evil.example'], 'reset'],
  ['REQ-01', 'two :authority', {}, [':authority', 'evil.example'], 'reset'],
  [
    'REQ-01',
    'two Authorization fields',
    {},
    ['authorization', 'Bearer a', 'authorization', 'Bearer b'],
    '400 duplicate_field',
  ],
  ['REQ-04', 'a :path without a slash', { ':path': 'open' }, [], 'reset'],
  ['REQ-04', 'an empty :path', { ':path': '' }, [], 'reset'],
  ['REQ-04', 'no :path', { ':path': undefined }, [], 'reset'],
  ['REQ-04', 'a :path in absolute-form', { ':path': 'http://evil.example/open' }, [], 'reset'],
  ['REQ-04', '* with GET', { ':path': '*' }, [], 'reset'],
  ['REQ-05', 'dot segments', { ':path': '/admin/../open' }, [], '400 invalid_path'],
  ['REQ-05', 'a space in :path', { ':path': '/open x' }, [], 'reset'],
  ['REQ-05', 'a NUL in :path', { ':path': '/open\0' }, [], 'reset'],
  ['REQ-05', 'raw UTF-8 in :path', { ':path': '/open\u00c3\u00a9' }, [], '400 invalid_path'],
  ['REQ-06', 'a method that nobody knows', { ':method': 'GETT' }, [], 'another method_not_allowed'],
  ['REQ-06', 'a method in lower case', { ':method': 'get' }, [], 'another method_not_allowed'],
  ['REQ-06', 'CONNECT', { ':method': 'CONNECT', ':scheme': undefined, ':path': undefined }, [], 'another'],
  ['REQ-08', 'a field that is of a connection', {}, ['connection', 'close'], 'reset'],
  ['REQ-08', 'Transfer-Encoding', {}, ['transfer-encoding', 'chunked'], 'reset'],
  ['REQ-08', 'a Content-Length that is none', {}, ['content-length', '+1'], 'reset'],
  ['REQ-08', 'a Content-Length of what does not come', {}, ['content-length', '5'], 'reset'],
  ['REQ-05', 'a name in upper case', {}, ['X-A', 'a'], 'reset'],
]

describe('requests over HTTP/2 that no client writes', () => {
  let running: RunningHttp2
  let made: Fixture
  before(async () => {
    made = fixture()
    const mounted = nodeHttp(made.gate, made.watch.witness)
    running = await startHttp2(mounted)
  })
  after(() => running.close())
  for (const [id, name, change, more, answer] of ROWS) {
    test(`${id}: node:http2: ${name}`, async () => {
      const pseudo = Object.entries({ ...SECTION, ...change }).flatMap(([key, value]) =>
        value === undefined ? [] : [key, value],
      )
      made.watch.reset()
      const got = await sendFrames(running.port, [...pseudo, ...more])
      assert.equal(made.watch.runs(), got.startsWith('200') ? 1 : 0)
      assert.ok(answer.split(' or ').includes(got), `${got}, and not ${answer}`)
    })
  }
})
