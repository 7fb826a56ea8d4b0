import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import type { CorsSetting } from '../../src/checks/cors.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { cors, from, preflight, refused } from '../support/cors.ts'
import { testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'

const SIZE = 64 * 1024
const APP = 'https://app.example.com'
const fill = (piece: string): string => piece.repeat(Math.ceil(SIZE / piece.length)).slice(0, SIZE)

/** What the processor spends on one of several runs, in milliseconds. */
function costOf(work: () => void, runs = 20): number {
  const begin = process.cpuUsage()
  for (let i = 0; i < runs; i++) work()
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000 / runs
}

// An origin is judged before anybody is authenticated or counted, whatever its length.
describe('attack: a flood in Origin and in Access-Control-Request-Method', () => {
  const asked: string[] = []
  const settings: readonly (readonly [what: string, setting: CorsSetting])[] = [
    ['exact origins', { origins: [APP, 'https://b.example.com'], block: true }],
    ['patterns', { origins: ['https://*.example.com', 'https://*.a.example:*'], block: true }],
    [
      'expressions',
      { origins: [/^https:\/\/.+\.example\.com$/, /^https:\/\/[a-z]+\.[a-z]+\.c\.example$/], block: true },
    ],
    ['a resolver', { origins: (origin) => asked.push(origin) > 0, block: true }],
    [
      'a list of all of them',
      [
        { origins: (origin: string) => asked.push(origin) > 0, block: true },
        { origins: ['https://*.example.com'] },
        { origins: [/^https:\/\/.+\.b\.example$/] },
        { origins: ['https://c.example'] },
      ],
    ],
  ]
  const floods: readonly (readonly [what: string, text: string])[] = [
    ['letters', fill('a')],
    ['a scheme without end', `${fill('a')}://app.example.com`],
    ['a name without end', `https://${fill('a')}.example.com`],
    ['labels without end', `https://${fill('a.')}example.com`],
    ['dots', `https://${fill('.')}example.com`],
    ['a port without end', `https://app.example.com:${fill('1')}`],
    ['brackets', `https://${fill('[')}`],
    ['colons in brackets', `https://[${fill(':')}]`],
    ['separators', fill('://')],
    ['origins without end', fill(`${APP} `)],
    ['origins in a list', fill(`${APP}, `)],
    ['percent signs', `https://${fill('%2e')}.example.com`],
    ['obs-text', `https://${fill('\xe9')}.example.com`],
    ['an allowed origin and spaces', `${APP}${fill(' ')}`],
  ]
  for (const [what, setting] of settings) {
    for (const [flood, text] of floods) {
      test(`COR-16: ${flood} in Origin are denied in no time, and not asked about, with ${what}`, () => {
        const policy = cors(setting)
        asked.length = 0
        const requests = [from(text), preflight(text, 'PUT', 'x-a')]
        const each = costOf(() => {
          for (const request of requests) refused(policy.decide(request))
          assert.deepEqual(policy.response.fields(from(text)), [])
        })
        assert.ok(each < 10, `${each} ms`)
        assert.deepEqual(asked, [])
      })
    }
  }

  test('COR-16: a method without end is denied in no time, and shown in part', () => {
    const policy = cors({ origins: '*' })
    for (const text of [fill('P'), fill('PUT,'), fill(' '), fill('\xe9'), `GET${fill(' ')}`]) {
      const request = preflight(APP, text)
      const each = costOf(() => assert.ok(refused(policy.decide(request)).reason.length < 200))
      assert.ok(each < 10, `${each} ms`)
    }
  })

  test('COR-16: a method without end finds no rule of a route, in no time', async () => {
    const routes = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [
        `POST /a/${i}/:b/:c`,
        { public: 'a test', cors: { origins: [`https://a${i}.example`] } },
      ]),
    )
    const gate = gatehouse(testPolicy({ cors: { origins: [APP] }, routes }))
    const server = await start(
      createServer(
        { maxHeaderSize: 4 * SIZE },
        gate.handler(() => undefined),
      ),
    )
    try {
      const fields = ['Host', '127.0.0.1', 'Origin', APP, 'Access-Control-Request-Method', fill('P')]
      const begin = process.cpuUsage()
      for (let i = 0; i < 10; i++) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, to be measured
        const { status } = await server.send({ method: 'OPTIONS', path: `/a/${i}/x/Y%41`, fields })
        assert.equal(status, 403)
      }
      const { user, system } = process.cpuUsage(begin)
      assert.ok((user + system) / 1000 / 10 < 50)
    } finally {
      await server.close()
    }
  })
})

describe('attack: fields in many lines', () => {
  const gate = gatehouse(testPolicy({ cors: { origins: [APP, 'https://b.example.com'], headers: ['x-a'] } }))

  async function ask(fields: readonly string[]): Promise<number> {
    const server = createServer(
      { maxHeaderSize: 4 * SIZE },
      gate.handler(() => undefined),
    )
    const running = await start(server)
    try {
      return (await running.send({ method: 'OPTIONS', fields: ['Host', '127.0.0.1', ...fields] })).status
    } finally {
      await running.close()
    }
  }
  const lines = (name: string, value: string, count: number): readonly string[] =>
    Array.from({ length: count }, () => [name, value]).flat()
  const plain = ['Origin', APP, 'Access-Control-Request-Method', 'GET'] as const
  const name = 'Access-Control-Request-Headers'

  const rows: readonly (readonly [what: string, fields: readonly string[], status: number])[] = [
    ['64 lines of a name are 64 names', [...plain, ...lines(name, 'x-a', 64)], 204],
    ['65 are too many', [...plain, ...lines(name, 'x-a', 65)], 403],
    ['so are 65 in two lines', [...plain, name, 'x-a,'.repeat(64), name, 'x-a'], 403],
    ['many are refused before', [...plain, ...lines(name, 'x-a', 400)], 431],
    ['empty lines are empty elements', [...plain, ...lines(name, '', 16), name, 'x-a'], 204],
    ['and of them there may be 16', [...plain, ...lines(name, '', 17), name, 'x-a'], 403],
    ['a name that is denied is found in any line', [...plain, name, 'x-a', name, 'x-b'], 403],
    ['two of Origin are refused before', [...plain, 'Origin', APP], 400],
    ['one of them hostile, first', ['Origin', 'https://evil.example', ...plain], 400],
    ['one of them hostile, last', [...plain, 'Origin', 'https://evil.example'], 400],
    // What may come once is refused before anybody reads it (REQ-08).
    ['two of the method are none', [...plain, 'Access-Control-Request-Method', 'GET'], 400],
  ]
  for (const [what, fields, status] of rows) {
    test(`COR-16: ${what}`, async () => assert.equal(await ask(fields), status))
  }
})
