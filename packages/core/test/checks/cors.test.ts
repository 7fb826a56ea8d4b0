import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PASS } from '../../src/contract/check.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { CorsOptions } from '../../src/checks/cors.ts'
import { mergeVary } from '../../src/lib/field-list.ts'
import { facts } from '../support/facts.ts'
import { answered, byName, cors, from, preflight, refused, sent } from '../support/cors.ts'

const APP = 'https://app.example.com'
const ADMIN = 'https://admin.example.com'
const EVIL = 'https://evil.example'
/** The answer depends on the origin: there is more than one. */
const DYNAMIC: CorsOptions = { origins: [APP, ADMIN] }

describe('what a preflight is', () => {
  const acrm = ['Access-Control-Request-Method', 'PUT'] as const
  const acrh = ['Access-Control-Request-Headers', 'x-a'] as const
  const rows = [
    [
      'COR-01: OPTIONS with Origin and Access-Control-Request-Method is a preflight',
      from(APP, 'OPTIONS', acrm),
      true,
    ],
    ['COR-01: an empty Access-Control-Request-Method is one, too, and denied', preflight(APP, ''), true],
    ['COR-25: OPTIONS without Origin reaches the application', from(undefined, 'OPTIONS', acrm), false],
    [
      'COR-25: OPTIONS without Access-Control-Request-Method reaches the application',
      from(APP, 'OPTIONS', acrh),
      false,
    ],
    ['COR-25: plain OPTIONS reaches the application', from(undefined, 'OPTIONS'), false],
    ['COR-01: another method with the fields of a preflight is none', from(APP, 'POST', acrm, acrh), false],
    ['COR-01: methods have case, and options is not OPTIONS', from(APP, 'options', acrm), false],
  ] as const
  for (const [name, request, isOne] of rows) {
    test(name, () => {
      const policy = cors(DYNAMIC)
      assert.equal(policy.decide(request) !== PASS, isOne)
      // An OPTIONS request that is no preflight is answered by the handler, and read by the page like any other.
      const reads = !isOne && request.headers.origin !== undefined
      assert.equal('Access-Control-Allow-Origin' in sent(policy, request), reads)
    })
  }
})

describe('an allowed preflight', () => {
  test('COR-02: is answered with 204 and all its fields, and the finisher adds none twice', () => {
    const policy = cors({
      ...DYNAMIC,
      methods: ['PUT', 'DELETE'],
      credentials: true,
      maxAge: '1h',
      expose: ['ETag'],
    })
    const request = preflight(APP, 'PUT', 'authorization,content-type')
    const { status, fields } = answered(policy.decide(request))
    assert.equal(status, 204)
    assert.deepEqual(byName(fields), {
      'Access-Control-Allow-Origin': APP,
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE',
      'Access-Control-Allow-Headers': 'authorization, content-type',
      'Access-Control-Max-Age': '3600',
      Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    })
    assert.deepEqual(policy.response.fields(request), [])
  })

  test('COR-02: gives * to everybody when everybody is allowed', () => {
    const fields = byName(answered(cors({ origins: '*' }).decide(preflight(EVIL))).fields)
    assert.equal(fields['Access-Control-Allow-Origin'], '*')
  })

  test('COR-07: Vary names Origin when the answer depends on it, and always what is asked for', () => {
    const asked = 'Access-Control-Request-Method, Access-Control-Request-Headers'
    const rows = [
      [DYNAMIC, `Origin, ${asked}`],
      [{ origins: [APP] }, `Origin, ${asked}`],
      [{ origins: '*' }, asked],
      [{ ...DYNAMIC, allowPrivateNetwork: true }, `Origin, ${asked}, Access-Control-Request-Private-Network`],
    ] as const
    for (const [options, vary] of rows) {
      const policy = cors(options)
      assert.equal(byName(answered(policy.decide(preflight(APP))).fields)['Vary'], vary)
      assert.deepEqual(refused(policy.decide(preflight(APP, 'PUT'))).fields, ['Vary', vary])
    }
  })

  test('COR-17: Access-Control-Max-Age is 0 to 86400 seconds, ten minutes by default, and can be left out', () => {
    const rows = [
      [undefined, '600'],
      [0, '0'],
      ['0s', '0'],
      ['24h', '86400'],
      ['2500s', '2500'],
      [false, undefined],
    ] as const
    for (const [maxAge, value] of rows) {
      const policy = cors(maxAge === undefined ? DYNAMIC : { ...DYNAMIC, maxAge })
      assert.equal(byName(answered(policy.decide(preflight(APP))).fields)['Access-Control-Max-Age'], value)
    }
  })

  test('COR-22: a private network is opened only when the policy says so and the browser asks', () => {
    const ask = (value: string) =>
      from(
        APP,
        'OPTIONS',
        ['Access-Control-Request-Method', 'GET'],
        ['Access-Control-Request-Private-Network', value],
      )
    const rows = [
      [true, ask('true'), 'true'],
      [true, ask('false'), undefined],
      [true, preflight(APP), undefined],
      [false, ask('true'), undefined],
    ] as const
    for (const [allowPrivateNetwork, request, value] of rows) {
      const fields = byName(answered(cors({ ...DYNAMIC, allowPrivateNetwork }).decide(request)).fields)
      assert.equal(fields['Access-Control-Allow-Private-Network'], value)
    }
    assert.ok(
      !(
        'Access-Control-Allow-Private-Network' in
        sent(cors({ ...DYNAMIC, allowPrivateNetwork: true }), from(APP))
      ),
    )
  })

  test('COR-23: is answered at once, whoever calls and whatever he sends: no limit and no credential is in it', () => {
    const policy = cors(DYNAMIC)
    const request = facts({
      method: 'OPTIONS',
      client: undefined,
      fields: [
        ['Host', 'api.example.com'],
        ['Origin', APP],
        ['Access-Control-Request-Method', 'POST'],
        ['Authorization', 'Bearer rubbish'],
      ],
    })
    for (let i = 0; i < 1000; i++) assert.equal(answered(policy.decide(request)).status, 204)
  })
})

describe('a denied preflight', () => {
  const rows: readonly (readonly [string, CorsOptions, ReturnType<typeof preflight>, RegExp])[] = [
    ['the origin', DYNAMIC, preflight(EVIL), /^The origin "https:\/\/evil\.example" is not allowed\.$/],
    ['the origin, where one is fixed', { origins: [APP] }, preflight(EVIL), /^The origin /],
    ['the method', DYNAMIC, preflight(APP, 'PUT'), /^The method "PUT" is not allowed/],
    ['an empty method', DYNAMIC, preflight(APP, ''), /^The method "" is not allowed/],
    [
      'one of the fields',
      DYNAMIC,
      preflight(APP, 'GET', 'content-type,x-a,x-b'),
      /^The field "x-a" is not allowed\.$/,
    ],
    ['a list that is none', DYNAMIC, preflight(APP, 'GET', 'content-type;x-a'), /malformed or too long/],
  ]
  for (const [part, options, request, reason] of rows) {
    test(`COR-03: has no Access-Control-Allow-* field, and the log learns that it was ${part}`, () => {
      const policy = cors(options)
      const verdict = refused(policy.decide(request))
      assert.equal(verdict.kind, 'cors.preflight-denied')
      assert.match(verdict.reason, reason)
      assert.deepEqual(Object.keys(byName(verdict.fields ?? [])), ['Vary'])
      assert.deepEqual(policy.response.fields(request), [])
    })
  }

  test('COR-03: is 403 to the client, which is no "ok status" for a browser', () => {
    assert.equal(CODES[KINDS['cors.preflight-denied'].code].status, 403)
  })

  test('COR-03: what a client chose is escaped and bounded in the reason', () => {
    const long = 'x'.repeat(10_000)
    for (const request of [
      preflight(`h\n${long}`),
      preflight(APP, `P\n${long}`),
      preflight(APP, 'GET', long),
    ]) {
      const { reason } = refused(cors(DYNAMIC).decide(request))
      assert.ok(reason.length < 250, `${reason.length}`)
      assert.ok(!reason.includes('\n'))
    }
  })
})

describe('the fields of a response', () => {
  test('COR-04: a denied request passes, and its response has no field of ours', () => {
    const policy = cors({ ...DYNAMIC, credentials: true, expose: ['ETag'] })
    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) {
      assert.equal(policy.decide(from(EVIL, method)), PASS)
      assert.deepEqual(policy.response.fields(from(EVIL, method)), [])
    }
  })

  test('COR-04: in block mode a denied request is refused with 403, and an allowed one is not', () => {
    for (const origins of [[APP], [APP, ADMIN], ['https://*.example.com']]) {
      const policy = cors({ origins, block: true })
      assert.equal(refused(policy.decide(from(EVIL))).kind, 'cors.origin-denied')
      assert.match(refused(policy.decide(from(EVIL))).reason, /"https:\/\/evil\.example" is not allowed/)
      assert.equal(policy.decide(from(APP)), PASS)
      assert.equal(policy.decide(from(undefined)), PASS)
      // The status depends on the origin, so the answer does, be Access-Control-Allow-Origin what it may.
      assert.equal(policy.response.vary, 'Origin')
    }
    assert.equal(CODES[KINDS['cors.origin-denied'].code].status, 403)
  })

  test('COR-04: block mode knows the origin of the API itself, which browsers send with POST', () => {
    const policy = cors({ origins: [APP], block: true })
    const own = (host: string, origin: string, scheme: 'http' | 'https' = 'https') =>
      policy.decide(
        facts({
          method: 'POST',
          scheme,
          fields: [
            ['Host', host],
            ['Origin', origin],
          ],
        }),
      )
    assert.equal(own('api.example.com', 'https://api.example.com'), PASS)
    assert.equal(own('API.example.com:443', 'https://api.example.com'), PASS)
    assert.equal(own('[::1]:8443', 'https://[::1]:8443'), PASS)
    assert.equal(own('localhost:80', 'http://localhost', 'http'), PASS)
    refused(own('api.example.com', 'http://api.example.com'))
    refused(own('api.example.com', 'https://api.example.com:8443'))
    refused(own('api.example.com:80', 'https://api.example.com'))
    refused(own('not a host', 'https://api.example.com'))
  })

  test('COR-04, CSR-12: nor blocks a form of its own page that says no referrer, whose Origin is null', () => {
    const policy = cors({ origins: [APP], block: true })
    const form = (site: string) => policy.decide(from('null', 'POST', ['Sec-Fetch-Site', site]))
    assert.equal(form('same-origin'), PASS)
    for (const site of ['same-site', 'cross-site', 'none', 'Same-Origin', 'same-origin, cross-site', ''])
      refused(form(site))
    // A page is no other's for that, and may do no more.
    assert.deepEqual(policy.response.fields(from(EVIL, 'GET', ['Sec-Fetch-Site', 'same-origin'])), [
      'Access-Control-Allow-Origin',
      APP,
    ])
    refused(
      policy.decide(
        from(EVIL, 'OPTIONS', ['Sec-Fetch-Site', 'same-origin'], ['Access-Control-Request-Method', 'GET']),
      ),
    )
  })

  test('COR-05: Vary is sent when the request has no Origin, and whatever the origin is', () => {
    const dynamic: readonly CorsOptions[] = [
      DYNAMIC,
      { origins: ['https://*.example.com'] },
      { origins: ['http://localhost:*'] },
      { origins: [/^https:\/\/[a-z]+\.example\.com$/] },
      { origins: () => true },
      { origins: [APP], dangerouslyAllowNullOrigin: true },
    ]
    for (const options of dynamic) {
      const policy = cors(options)
      assert.equal(policy.response.vary, 'Origin')
      assert.deepEqual(policy.response.fields(from(undefined)), [])
    }
  })

  test('COR-06: a single origin, and *, are sent to everybody, and add no Vary', () => {
    const rows: readonly (readonly [CorsOptions, string])[] = [
      [{ origins: [APP] }, APP],
      [{ origins: [APP, APP] }, APP],
      [{ origins: [APP], credentials: true }, APP],
      [{ origins: '*' }, '*'],
    ]
    for (const [options, value] of rows) {
      const policy = cors(options)
      assert.equal(policy.response.vary, undefined)
      for (const origin of [undefined, APP, EVIL, 'null', 'rubbish']) {
        assert.equal(sent(policy, from(origin))['Access-Control-Allow-Origin'], value)
      }
    }
  })

  test('COR-08: the check gives a name to merge, and never a Vary of its own to overwrite one with', () => {
    const { response } = cors(DYNAMIC)
    const add = response.vary === undefined ? [] : [response.vary]
    assert.ok(!('Vary' in byName(response.fields(from(APP)))))
    assert.equal(mergeVary('Accept-Encoding', add), 'Accept-Encoding, Origin')
    assert.equal(mergeVary('accept, ORIGIN', add), 'accept, ORIGIN')
    assert.equal(mergeVary('*', add), '*')
  })

  test('COR-11: Access-Control-Allow-Credentials is exactly true, or absent', () => {
    for (const [credentials, value] of [
      [true, 'true'],
      [false, undefined],
    ] as const) {
      for (const origins of [[APP], [APP, ADMIN], ['https://*.example.com']]) {
        const policy = cors({ origins, credentials })
        assert.equal(sent(policy, from(APP))['Access-Control-Allow-Credentials'], value)
        const fields = byName(answered(policy.decide(preflight(APP))).fields)
        assert.equal(fields['Access-Control-Allow-Credentials'], value)
      }
    }
    assert.ok(!('Access-Control-Allow-Credentials' in sent(cors(DYNAMIC), from(APP))))
  })

  const everyKind: readonly CorsOptions[] = [
    DYNAMIC,
    { origins: [APP] },
    { origins: ['https://*.example.com'] },
    { origins: [/^https:\/\/app\.example\.com$/] },
    { origins: '*' },
  ]

  test('COR-19: depend on the request alone, and not on whether this check ever ran: a 401, 429 or 500 has those of a 200', () => {
    for (const options of everyKind) {
      const before = cors(options)
      const after = cors(options)
      const request = from(APP)
      assert.equal(after.decide(request), PASS)
      assert.deepEqual(before.response.fields(request), after.response.fields(request))
      assert.ok(byName(before.response.fields(request))['Access-Control-Allow-Origin'])
    }
  })

  test('COR-24: are there for requests that were refused before the chain: no host, no path, no known method', () => {
    for (const options of everyKind) {
      const request = facts({
        method: 'BREW',
        target: '/%',
        path: '',
        authority: undefined,
        client: undefined,
        peer: undefined,
        fields: [['Origin', APP]],
      })
      assert.ok(sent(cors(options), request)['Access-Control-Allow-Origin'])
    }
  })

  test('COR-19: leak nothing from one request to the next', () => {
    const policy = cors({ origins: [APP, 'https://*.example.com'] })
    const order = [APP, EVIL, ADMIN, undefined, APP, EVIL]
    const values = order.map((origin) => sent(policy, from(origin))['Access-Control-Allow-Origin'])
    assert.deepEqual(values, [APP, undefined, ADMIN, undefined, APP, undefined])
  })

  test('COR-20: what other guards send is exposed, with what the policy adds, each once', () => {
    const exposed = [
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'WWW-Authenticate',
      'DPoP-Nonce',
      'X-Request-Id',
    ]
    const text = exposed.join(', ')
    assert.equal(sent(cors(DYNAMIC, { exposed }), from(APP))['Access-Control-Expose-Headers'], text)
    const more = cors({ ...DYNAMIC, expose: ['ETag', 'retry-after', 'etag'] }, { exposed })
    assert.equal(sent(more, from(APP))['Access-Control-Expose-Headers'], `${text}, ETag`)
    const all = cors({ ...DYNAMIC, expose: '*' }, { exposed: ['Retry-After'] })
    assert.equal(sent(all, from(APP))['Access-Control-Expose-Headers'], '*')
    assert.ok(!('Access-Control-Expose-Headers' in sent(cors(DYNAMIC), from(APP))))
  })

  test('COR-20: an answer to a preflight exposes nothing: no script reads it', () => {
    const policy = cors({ ...DYNAMIC, expose: ['ETag'] })
    assert.ok(!('Access-Control-Expose-Headers' in byName(answered(policy.decide(preflight(APP))).fields)))
  })

  test('COR-24: the gate has the last word on every field of the protocol', () => {
    const { response } = cors({ ...DYNAMIC, credentials: true, expose: ['ETag'] })
    assert.equal(response.wins, 'gate')
    for (const name of ['origin', 'credentials', 'methods', 'headers', 'private-network']) {
      assert.ok(response.names.includes(`access-control-allow-${name}`))
    }
    assert.ok(response.names.includes('access-control-expose-headers'))
    assert.ok(response.names.includes('access-control-max-age'))
  })
})

describe('methods and fields', () => {
  test('COR-15: methods are compared with their case, and GET, HEAD and POST are always allowed', () => {
    const policy = cors({ ...DYNAMIC, methods: ['PATCH', 'GET'] })
    for (const method of ['GET', 'HEAD', 'POST', 'PATCH']) answered(policy.decide(preflight(APP, method)))
    for (const method of ['patch', 'Patch', 'get', 'PUT', 'PATCH ', '*', 'PATCH, GET']) {
      refused(policy.decide(preflight(APP, method)))
    }
    const fields = byName(answered(policy.decide(preflight(APP))).fields)
    assert.equal(fields['Access-Control-Allow-Methods'], 'GET, HEAD, POST, PATCH')
  })

  test('COR-16: fields are split at commas, in any case, with one space and empty elements', () => {
    const policy = cors({ ...DYNAMIC, headers: ['Content-Type', 'X-A'] })
    for (const value of [
      'content-type',
      'content-type,x-a',
      'Content-Type , X-a',
      ',x-a,,',
      '',
      'x-a, x-a',
    ]) {
      answered(policy.decide(preflight(APP, 'GET', value)))
    }
    for (const value of ['x-a,  content-type', 'x a', 'x-a\tx-b', '"x-a"', 'x-a:', 'é', 'authorization']) {
      refused(policy.decide(preflight(APP, 'GET', value)))
    }
  })

  test('COR-16: an empty list of fields allows none and sends no Access-Control-Allow-Headers', () => {
    const policy = cors({ ...DYNAMIC, headers: [] })
    assert.ok(!('Access-Control-Allow-Headers' in byName(answered(policy.decide(preflight(APP))).fields)))
    refused(policy.decide(preflight(APP, 'GET', 'content-type')))
  })

  test('COR-10: * covers every field but Authorization, which must be listed', () => {
    const rows = [
      ['*', '*', false],
      [['*'], '*', false],
      [['*', 'Authorization'], '*, authorization', true],
    ] as const
    for (const [headers, value, withAuthorization] of rows) {
      const policy = cors({ origins: '*', headers })
      const verdict = answered(policy.decide(preflight(APP, 'GET', 'x-a,x-anything')))
      assert.equal(byName(verdict.fields)['Access-Control-Allow-Headers'], value)
      for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
        const { type } = policy.decide(preflight(APP, 'GET', `x-a,${name}`)) as { type: string }
        assert.equal(type, withAuthorization ? 'answer' : 'refusal')
      }
    }
  })

  test('COR-27: what is exposed never depends on what was asked', () => {
    const policy = cors({ ...DYNAMIC, expose: ['ETag'] }, { exposed: ['Retry-After'] })
    const asking = [
      from(APP),
      from(APP, 'POST', ['Access-Control-Request-Headers', 'x-secret']),
      from(APP, 'GET', ['Access-Control-Expose-Headers', 'x-secret'], ['X-Secret', '1']),
      from(APP, 'OPTIONS', ['Access-Control-Request-Headers', 'x-secret']),
      from(ADMIN),
    ]
    for (const request of asking) {
      assert.equal(sent(policy, request)['Access-Control-Expose-Headers'], 'Retry-After, ETag')
    }
  })
})
