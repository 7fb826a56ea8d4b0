import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { compileCors, type CorsSetting } from '../../../src/checks/cors.ts'
import { isFieldValue } from '../../../src/lib/chars.ts'
import { mistakesOf } from '../../support/compile.ts'
import { byName, type Cors, cors, from, preflight, refused, sent } from '../../support/cors.ts'
import { facts } from '../../support/facts.ts'
import { type Guarded, guarded } from '../../support/gate.ts'

const APP = 'https://app.example.com'
const EVIL = 'https://evil.example'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

function showing(setting: CorsSetting): Cors {
  return cors(setting, { isLocal: true })
}

/** What the answer to a preflight says of it. */
function reason(policy: Cors, request: ReturnType<typeof preflight>): string | undefined {
  return byName(refused(policy.decide(request)).fields ?? [])['Cors-Reason']
}

describe('reasons for developers', () => {
  const policy = showing({ origins: [APP, 'https://b.example'], dangerouslyShowReasons: true })
  const rows: readonly (readonly [part: string, request: ReturnType<typeof preflight>, reason: string])[] = [
    ['the origin', preflight(EVIL), 'The origin "https://evil.example" is not allowed.'],
    ['the method', preflight(APP, 'put'), 'The method "put" is not allowed; methods are case-sensitive.'],
    ['a field', preflight(APP, 'GET', 'x-a'), 'The field "x-a" is not allowed.'],
    [
      'the list of fields',
      preflight(APP, 'GET', 'a b'),
      'Access-Control-Request-Headers is malformed or too long.',
    ],
  ]
  for (const [part, request, text] of rows) {
    test(`COR-03: a denied preflight says that it was ${part}, and has no field of the protocol`, () => {
      assert.equal(reason(policy, request), text)
      const names = Object.keys(byName(refused(policy.decide(request)).fields ?? []))
      assert.deepEqual(names, ['Vary', 'Cors-Reason'])
    })
  }

  test('COR-04: a response that the page may not read says why; one that it may read says nothing', () => {
    assert.deepEqual(sent(policy, from(EVIL)), {
      'Cors-Reason': 'The origin "https://evil.example" is not allowed.',
    })
    assert.deepEqual(sent(policy, from(APP)), { 'Access-Control-Allow-Origin': APP })
    assert.deepEqual(sent(policy, from(undefined)), {})
    assert.deepEqual(sent(policy, from('https://api.example.com', 'POST')), {}, 'its own page')
    assert.equal(policy.response.vary, 'Origin')
    assert.ok(policy.response.names.includes('cors-reason'), 'no handler sets it')
  })

  test('COR-06: where one origin is fixed the reason depends on who asks, and Vary says so', () => {
    const one = showing({ origins: [APP], dangerouslyShowReasons: true })
    assert.equal(one.response.vary, 'Origin')
    assert.match(sent(one, from(EVIL))['Cors-Reason'] ?? '', /is not allowed/)
    const all = showing({ origins: '*', dangerouslyShowReasons: true })
    assert.equal(all.response.vary, undefined)
    assert.deepEqual(sent(all, from(EVIL)), { 'Access-Control-Allow-Origin': '*' })
  })

  test('COR-21: a resolver that failed is named, and what it threw is not', async () => {
    const broken = showing({
      origins: () => Promise.reject(new Error('password=hunter2')),
      dangerouslyShowReasons: true,
    })
    const request = from(EVIL)
    await broken.decide(request)
    assert.equal(
      sent(broken, request)['Cors-Reason'],
      'The origin "https://evil.example" is denied: the resolver threw, or gave no boolean.',
    )
  })

  test('COR-16: what a client chose is bounded, ASCII, and ends no line', () => {
    for (const junk of [
      'a\r\nSet-Cookie: x=1',
      '\u00e9\u{1f600}\u202e',
      'x'.repeat(70_000),
      '\0\x7f\x1b[31m',
    ]) {
      for (const request of [
        preflight(junk),
        preflight(APP, junk),
        preflight(APP, 'GET', `a,${junk}`),
        from(junk),
      ]) {
        const { 'Cors-Reason': text = '' } =
          request.method === 'OPTIONS'
            ? byName(refused(policy.decide(request)).fields ?? [])
            : sent(policy, request)
        assert.match(text, /^[ -~]{1,250}$/)
        assert.ok(isFieldValue(text))
      }
    }
  })

  test('are in no response unless the policy says so', () => {
    for (const setting of [{ origins: [APP] }, [{ origins: [APP] }], 'none'] as const) {
      const silent = showing(setting)
      assert.equal(reason(silent, preflight(EVIL)), undefined)
      assert.ok(!('Cors-Reason' in sent(silent, from(EVIL))))
    }
  })

  test('are those of every entry when one says so', () => {
    const list = showing([
      { origins: [APP] },
      { origins: ['https://b.example'], dangerouslyShowReasons: true },
    ])
    assert.match(reason(list, preflight(APP, 'PUT')) ?? '', /The method "PUT"/)
  })

  test('do not build where strangers would read them', () => {
    const setting = [{ origins: [APP] }, { origins: ['https://b.example'], dangerouslyShowReasons: true }]
    assert.deepEqual(
      mistakesOf('cors', (where) => compileCors(where, setting, { exposed: [] })),
      ['unsafe_value cors[1].dangerouslyShowReasons'],
    )
  })

  test('a block says why, too', () => {
    const blocking = showing({ origins: [APP], block: true, dangerouslyShowReasons: true })
    const request = facts({
      method: 'POST',
      fields: [
        ['Host', 'api.example.com'],
        ['Origin', EVIL],
      ],
    })
    refused(blocking.decide(request))
    assert.match(sent(blocking, request)['Cors-Reason'] ?? '', /is not allowed/)
  })
})

describe('reasons in a gate', () => {
  const settings = { origins: [APP], dangerouslyShowReasons: true } as const

  test('are sent for hosts of the own machine', async () => {
    const server = await guarded({
      hosts: ['127.0.0.1', 'localhost:3000', 'app.localhost', '*.localhost', '[::1]:8443'],
      cors: settings,
      routes: { '/none': { public: 'a test', cors: 'none' } },
    })
    open.push(server)
    const ask = async (path: string, origin: string, method: string) => {
      const fields = ['Origin', origin, 'Access-Control-Request-Method', method]
      const { status, headers } = await server.send({ method: 'OPTIONS', path, fields })
      return [status, headers['cors-reason']]
    }
    assert.deepEqual(await ask('/', EVIL, 'GET'), [403, 'The origin "https://evil.example" is not allowed.'])
    assert.deepEqual(await ask('/', APP, 'PUT'), [
      403,
      'The method "PUT" is not allowed; methods are case-sensitive.',
    ])
    // A route without settings of its own to say it in.
    assert.deepEqual(await ask('/none', APP, 'GET'), [403, `The origin "${APP}" is not allowed.`])
    const { headers } = await server.send({ path: '/none', fields: ['Origin', EVIL] })
    assert.match(String(headers['cors-reason']), /evil\.example/)
  })

  for (const hosts of [
    ['api.example.com'],
    ['localhost', 'api.example.com'],
    ['10.0.0.1'],
    ['localhost.example.com'],
  ]) {
    test(`do not build for ${hosts.join(' and ')}`, async () => {
      await assert.rejects(
        guarded({ hosts, cors: settings }),
        /cors\.dangerouslyShowReasons: would tell strangers/,
      )
    })
  }

  test('do not build for every host', async () => {
    const policy = { hosts: undefined, dangerouslyAnyHost: true, cors: settings } as never
    await assert.rejects(guarded(policy), /cors\.dangerouslyShowReasons: would tell strangers/)
  })
})
