import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import {
  type BrowserReport,
  reportCollector,
  type ReportCollectorOptions,
} from '../../src/node/report-collector.ts'
import { movableClock } from '../support/clock.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { type Received, start } from '../support/http.ts'

const open: { readonly close: () => Promise<void> }[] = []
after(async () => {
  for (const each of open) await each.close()
})

interface Collecting extends Guarded {
  readonly reports: readonly BrowserReport[]
  readonly report: (body: unknown, type?: string, ...fields: readonly string[]) => Promise<Received>
}

async function collecting(options: ReportCollectorOptions = {}): Promise<Collecting> {
  const reports: BrowserReport[] = []
  const handle = reportCollector({ onReport: (report) => void reports.push(report), ...options })
  const server = await guarded({ routes: { '/reports': { public: 'browsers report here' } } }, handle)
  open.push(server)
  return {
    ...server,
    reports,
    report: (body, type = LIST, ...fields) =>
      server.send({
        method: 'POST',
        path: '/reports',
        fields: ['Content-Type', type, ...fields],
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}

const LIST = 'application/reports+json'
const LEGACY = 'application/csp-report'

const violation = {
  type: 'csp-violation',
  age: 12,
  url: 'https://app.example.com/account?token=secret#secret',
  user_agent: 'Mozilla/5.0',
  body: {
    documentURL: 'https://user:secret@app.example.com/account?token=secret',
    effectiveDirective: 'script-src-elem',
    blockedURL: 'https://evil.example/x.js?secret',
    sample: '',
    statusCode: 200,
    disposition: 'enforce',
    nested: { secret: 1 },
  },
}

describe('what a collector takes', () => {
  test('HDR-09: a list of reports: an event and a call each, without the secrets of URLs', async () => {
    const server = await collecting()
    const received = await server.report([violation, { ...violation, type: 'deprecation', body: null }])
    assert.deepEqual([received.status, received.body], [204, ''])
    assert.deepEqual(server.reports, [
      {
        type: 'csp-violation',
        url: 'https://app.example.com/account',
        age: 12,
        userAgent: 'Mozilla/5.0',
        body: {
          documentURL: 'https://app.example.com/account',
          effectiveDirective: 'script-src-elem',
          blockedURL: 'https://evil.example/x.js',
          sample: '',
          statusCode: 200,
          disposition: 'enforce',
        },
      },
      {
        type: 'deprecation',
        url: 'https://app.example.com/account',
        age: 12,
        userAgent: 'Mozilla/5.0',
        body: {},
      },
    ])
    const told = (await server.events()).filter(({ kind }) => kind === 'report.received')
    assert.deepEqual(
      told.map(({ outcome, rule, reason }) => [outcome, rule, reason]),
      [
        [
          'warning',
          '/reports',
          'csp-violation on https://app.example.com/account: script-src-elem stopped https://evil.example/x.js',
        ],
        ['warning', '/reports', 'deprecation on https://app.example.com/account'],
      ],
    )
    assert.ok(!JSON.stringify([server.reports, await server.events()]).includes('secret'))
  })

  test('HDR-09: one violation of report-uri, under the names of the others', async () => {
    const server = await collecting()
    const body = {
      'csp-report': {
        'document-uri': 'https://app.example.com/?secret',
        'violated-directive': "script-src 'self'",
        'blocked-uri': 'inline',
        'line-number': 3,
      },
    }
    const received = await server.report(body, `${LEGACY}; charset=utf-8`, 'User-Agent', 'Old/1')
    assert.equal(received.status, 204)
    assert.deepEqual(server.reports, [
      {
        type: 'csp-violation',
        url: 'https://app.example.com/',
        age: 0,
        userAgent: 'Old/1',
        body: {
          documentURL: 'https://app.example.com/',
          violatedDirective: "script-src 'self'",
          blockedURL: 'inline',
          lineNumber: 3,
        },
      },
    ])
  })

  test('HDR-09: an empty list is fine, and URLs stay whole where that is wanted', async () => {
    const server = await collecting({ urls: 'full' })
    assert.equal((await server.report([])).status, 204)
    await server.report([violation])
    assert.equal(server.reports[0]?.url, violation.url)
  })

  test('HDR-09: no more reports of a request than it takes', async () => {
    const server = await collecting({ maxReports: 2 })
    assert.equal((await server.report([violation, 1, violation, violation])).status, 204)
    assert.equal(server.reports.length, 1)
  })

  test('HDR-09: what the gate has read is taken, and what it only bounds', async () => {
    const reports: BrowserReport[] = []
    const collect = reportCollector({ onReport: (report) => void reports.push(report) })
    const rule = { public: 'browsers report here', content: [LIST, LEGACY] } as const
    const server = await guarded({ routes: { '/reports': rule } }, collect)
    open.push(server)
    for (const [type, body] of [
      [LIST, [violation]],
      [LEGACY, { 'csp-report': { 'blocked-uri': 'inline' } }],
    ] as const) {
      const sent = { method: 'POST', path: '/reports', fields: ['Content-Type', type] }
      assert.equal((await server.send({ ...sent, body: JSON.stringify(body) })).status, 204)
    }
    assert.deepEqual(
      reports.map(({ type }) => type),
      ['csp-violation', 'csp-violation'],
    )
  })

  test('HDR-09: what a framework has read is taken', async () => {
    const reports: BrowserReport[] = []
    const handle = reportCollector({ onReport: (report) => void reports.push(report) })
    const text = JSON.stringify([violation])
    for (const body of [text, Buffer.from(text), [violation], undefined, `"${'a'.repeat(70_000)}"`]) {
      const server = await start((req, res) => {
        req.resume().on('end', () => void handle(Object.assign(req, { body }), res, () => undefined))
      })
      open.push(server)
      const sent = { method: 'POST', fields: ['Content-Type', LIST], body: '[]' }
      const expected = body === undefined ? 400 : typeof body === 'string' && body.length > 65_536 ? 413 : 204
      assert.equal((await server.send(sent)).status, expected)
    }
    assert.equal(reports.length, 3)
  })
})

describe('what a collector refuses', () => {
  const rows: readonly (readonly [
    name: string,
    status: number,
    body: unknown,
    type?: string,
    ...fields: string[],
  ])[] = [
    ['JSON', 415, [violation], 'application/json'],
    ['a type that a page may send without asking', 415, [violation], 'text/plain'],
    ['no type', 415, [violation], ''],
    ['a compressed body', 415, [violation], LIST, 'Content-Encoding', 'gzip'],
    ['no JSON', 400, '[', LIST],
    ['one report that is no list', 400, violation, LIST],
    ['a list for report-uri', 400, [violation], LEGACY],
    ['nothing for report-uri', 400, { 'csp-report': null }, LEGACY],
    ['a list without a report', 400, [1, null, [], { type: 'A B' }], LIST],
    ['a name twice', 400, '[{"type":"a","type":"b"}]', LIST],
    ['a prototype', 400, '[{"type":"a","body":{"__proto__":{"x":1}}}]', LIST],
    ['deep JSON', 400, '['.repeat(100) + ']'.repeat(100), LIST],
    ['more than 64 KiB', 413, `["${'a'.repeat(65_536)}"]`, LIST],
  ]
  for (const [name, status, body, type, ...fields] of rows) {
    test(`HDR-09: ${name} is ${status}, without a body`, async () => {
      const server = await collecting()
      const received = await server.report(body, type, ...fields)
      assert.deepEqual([received.status, received.body, server.reports.length], [status, '', 0])
      const refused = (await server.events()).filter((event) => event.outcome === 'refused')
      assert.deepEqual(
        refused.map(({ kind }) => kind),
        ['handler.rejected'],
      )
    })
  }

  test('HDR-09: bytes that are no UTF-8 are no report', async () => {
    const server = await collecting()
    const head = `POST /reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${LIST}\r\nConnection: close\r\n`
    const content = '[{"type":"crash","url":"\xff"}]'
    const sent = `${head}Content-Length: ${content.length}\r\n\r\n`
    assert.match(await server.raw(sent + content), /^HTTP\/1\.1 400 /)
    assert.match(await server.raw(sent + content.replace('\xff', 'a')), /^HTTP\/1\.1 204 /)
  })

  test('HDR-09: 65536 bytes are taken, in chunks as well, and one more is not', async () => {
    const server = await collecting()
    const whole = (length: number): string => `[${' '.repeat(length - 2)}]`
    assert.equal((await server.report(whole(65_536))).status, 204)
    assert.equal((await server.report(whole(65_537))).status, 413)
    const head = `POST /reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${LIST}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`
    const chunked = await server.raw(`${head}10001\r\n${whole(65_537)}\r\n0\r\n\r\n`)
    assert.match(chunked, /^HTTP\/1\.1 413 /)
  })

  test('HDR-09: other methods are 405', async () => {
    const server = await collecting()
    const received = await server.send({ path: '/reports' })
    assert.deepEqual([received.status, received.headers.allow, received.body], [405, 'POST', ''])
  })

  test('HDR-09: a client that sends too much is 429, and another is not', async () => {
    const clock = movableClock()
    const server = await collecting({ rateLimit: { limit: 2, window: '1m' }, clock })
    assert.equal((await server.report([violation])).status, 204)
    assert.equal((await server.report('junk', 'text/plain')).status, 415, 'which counts as well')
    const late = await server.report([violation])
    assert.deepEqual([late.status, late.headers['retry-after'], late.body], [429, '30', ''])
    assert.equal(server.reports.length, 1)
    clock.advance(30_000)
    assert.equal((await server.report([violation])).status, 204)
    assert.ok((await server.events()).some(({ kind }) => kind === 'limit.exceeded'))
  })

  test('HDR-09: it is limited when nothing is said', async () => {
    const server = await collecting({ clock: movableClock() })
    const statuses = []
    for (let i = 0; i < 31; i++) statuses.push((await server.report([])).status)
    assert.deepEqual([statuses.at(29), statuses.at(30)], [204, 429])
  })

  test('HDR-09: a client that cannot be told from others is counted with them', async () => {
    const handle = reportCollector({ rateLimit: { limit: 1, window: '1m' } })
    const server = await start(
      (req, res) => void handle(req, res, { tell: () => undefined, client: undefined }),
    )
    open.push(server)
    const sent = { method: 'POST', fields: ['Content-Type', LIST], body: '[]' }
    assert.deepEqual([(await server.send(sent)).status, (await server.send(sent)).status], [204, 429])
  })
})

describe('what a collector hands on', () => {
  test('HDR-09: is escaped and bounded, whatever was sent', async () => {
    const server = await collecting()
    const hostile = '\r\n\u001b[31mGET /\u202e\u2028'
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]))
    await server.report([
      {
        type: 'csp-violation',
        url: `https://a.example/${hostile}`,
        age: -1,
        user_agent: hostile.repeat(100),
        body: { message: hostile.repeat(1000), [hostile]: 1, constructor: 'x', ...many },
      },
    ])
    const [report] = server.reports
    assert.ok(report !== undefined)
    const text = JSON.stringify([report, (await server.events()).map(({ reason }) => reason)])
    // JSON escapes what is left of control characters: nothing was.
    assert.doesNotMatch(text, /\\[rn]|[^\\]\\u0|[\u202e\u2028\u001b]/)
    assert.ok(String(report.body['message']).length <= 1024 && report.userAgent.length <= 256)
    assert.equal(Object.keys(report.body).length, 32)
    assert.equal(report.age, 0)
    assert.ok(Object.isFrozen(report) && Object.isFrozen(report.body))
  })

  test('HDR-09: a URL loses its secrets wherever it stands', async () => {
    const server = await collecting()
    const body = {
      message: 'load https://u:secret@a.example:8443/p?secret, then ws://b.example#secret and so on',
      referrer: '/path?secret',
      sourceFile: 'data:text/javascript,secret',
      blockedURL: 'blob:https://a.example/secret',
      documentURL: 'https://u@secret@a.example',
    }
    await server.report([{ type: 'intervention', url: 'about:blank?secret', body }])
    assert.deepEqual(server.reports[0]?.body, {
      message: 'load https://a.example:8443/p then ws://b.example and so on',
      referrer: '/path',
      sourceFile: 'data:',
      blockedURL: 'blob:',
      documentURL: 'https://a.example',
    })
  })

  test('HDR-09: a browser is answered before, and no failure of whoever keeps reports reaches it', async () => {
    for (const onReport of [
      () => Promise.reject(new Error('secret')),
      () => {
        throw new Error('secret')
      },
    ]) {
      const server = await collecting({ onReport })
      assert.equal((await server.report([violation])).status, 204)
      const events = await server.events()
      assert.ok(events.some(({ kind, outcome }) => kind === 'dependency.failed' && outcome === 'warning'))
      assert.ok(!JSON.stringify(events).includes('secret'))
    }
  })

  test('HDR-09: it sets no cookie, and nobody stores the answer', async () => {
    const server = await collecting()
    const { headers } = await server.report([violation], LIST, 'Cookie', 'a=b', 'Origin', 'null')
    assert.deepEqual([headers['set-cookie'], headers['cache-control']], [undefined, 'no-store'])
  })
})

test('ERR-03: options that are no good are said all at once', () => {
  const wrong = { onReport: 1, rateLimit: { limit: 0 }, urls: 'none', maxBodyBytes: 65_537, maxReport: 1 }
  assert.throws(
    () => reportCollector(wrong as never),
    (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(
        error.mistakes.map(({ code, path }) => `${code} ${path}`),
        [
          'unknown_option reportCollector.maxReport',
          'wrong_type reportCollector.onReport',
          'out_of_range reportCollector.rateLimit.limit',
          'missing_option reportCollector.rateLimit.window',
          'malformed_value reportCollector.urls',
          'out_of_range reportCollector.maxBodyBytes',
        ],
      )
      return true
    },
  )
})
