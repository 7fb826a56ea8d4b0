import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import type { SecurityEvent } from '../../src/contract/event.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { secret } from '../../src/lib/secret.ts'
import type { Sink } from '../../src/observe/sink.ts'
import { createWebhook, webhook, type WebhookOptions } from '../../src/observe/webhook.ts'
import { endpoint, tlsEndpoint } from '../support/endpoint.ts'
import { allowedEvent, eventWith } from '../support/events.ts'
import { type MovableTimers, movableTimers } from '../support/timers.ts'
import { until } from '../support/until.ts'

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, yes').toString('base64')}`

/** A request as a receiver got it. */
interface Got {
  readonly headers: Record<string, string>
  readonly content: string
  readonly events: readonly SecurityEvent[]
}

type Answer = (res: ServerResponse, count: number) => void
const fine: Answer = (res) => res.writeHead(204).end()

interface Bench {
  readonly got: Got[]
  readonly hook: Sink
  readonly timers: MovableTimers
  readonly warnings: readonly string[]
  /** Lets so many milliseconds pass, and waits until so many requests have come. */
  readonly come: (count: number, ms: number) => Promise<void>
  /** How long each timer was for, in the order in which they were started: the gathering, an attempt, a wait, ... */
  readonly started: readonly number[]
}

/** A webhook to a receiver on loopback, with timers that are moved. */
async function bench(options: Partial<WebhookOptions> = {}, answer: Answer = fine): Promise<Bench> {
  const got: Got[] = []
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const content = Buffer.concat(chunks).toString('utf8')
      const { data } = JSON.parse(content) as { readonly data: { readonly events: readonly SecurityEvent[] } }
      got.push({ headers: req.headers as Record<string, string>, content, events: data.events })
      answer(res, got.length)
    })
  }
  const { url } = await endpoint(listener)
  const timers = movableTimers()
  const warnings: string[] = []
  const started: number[] = []
  const hook = createWebhook(
    { url: `${url}/hook`, dangerouslyAllowHttp: true, ...options },
    {
      startTimer(ms, ring) {
        started.push(ms)
        return timers.startTimer(ms, ring)
      },
      random: () => 1,
      warn: (message) => warnings.push(message),
    },
  )
  const come = async (count: number, ms: number): Promise<void> => {
    await timers.advance(ms)
    await until(() => got.length >= count)
  }
  return { got, hook, timers, warnings, come, started }
}

describe('webhook()', () => {
  test('LOG-01: posts what was told within a second as one content of JSON', async () => {
    const { got, hook, come } = await bench()
    for (let i = 0; i < 3; i++) hook.observe(eventWith({ requestId: `${i}` }))
    await come(1, 1_000)
    assert.equal(got[0]?.headers['content-type'], 'application/json')
    assert.deepEqual(
      got[0].events.map(({ requestId }) => requestId),
      ['0', '1', '2'],
    )
    assert.deepEqual(Object.keys(JSON.parse(got[0].content) as object), ['type', 'timestamp', 'data'])
    await hook.close()
    assert.equal(hook.dropped(), 0)
  })

  test('LOG-06: what it signs is verified by the library of Standard Webhooks, and what was changed is not', async () => {
    for (const key of [SECRET, secret(SECRET)]) {
      const { got, hook, come } = await bench({ secret: key })
      hook.observe(eventWith({ path: '/é€' }))
      await come(1, 1_000)
      const [first] = got
      assert.ok(first)
      const receiver = new Webhook(SECRET)
      assert.ok(receiver.verify(first.content, first.headers))
      assert.throws(() => receiver.verify(`${first.content} `, first.headers))
      assert.throws(() => receiver.verify(first.content, { ...first.headers, 'webhook-id': 'other' }))
      await hook.close()
    }
  })

  test('without a secret there is an id and no signature', async () => {
    const { got, hook, come } = await bench()
    hook.observe(eventWith())
    await come(1, 1_000)
    assert.match(got[0]?.headers['webhook-id'] ?? '', /^msg_/)
    assert.equal(got[0]?.headers['webhook-signature'], undefined)
    await hook.close()
  })

  test('LOG-06: a receiver that fails is tried again, under the same id, and loses nothing', async () => {
    const { got, hook, come, started } = await bench({ secret: SECRET }, (res, count) => {
      if (count === 1) res.destroy()
      else res.writeHead(count === 2 ? 503 : 204).end()
    })
    hook.observe(eventWith())
    for (const [attempt, wait] of [1_000, 1_000, 2_000].entries()) {
      await come(attempt + 1, wait)
      // The wait for the next attempt begins when the answer was read.
      if (attempt < 2) await until(() => started.length === 3 + 2 * attempt)
    }
    assert.deepEqual(started, [1_000, 10_000, 1_000, 10_000, 2_000, 10_000])
    assert.equal(new Set(got.map(({ headers }) => headers['webhook-id'])).size, 1)
    assert.equal(new Set(got.map(({ content }) => content.replace(/"timestamp":"[^"]*"/, ''))).size, 1)
    await hook.close()
    assert.equal(hook.dropped(), 0)
  })

  for (const [status, name] of [
    [301, 'a redirect'],
    [307, 'a redirect with content'],
    [400, 'a refusal'],
    [410, 'a receiver that is gone'],
  ] as const)
    test(`LOG-06: ${name} (${status}) is not tried again, and counted`, async () => {
      const { got, hook, timers, come, warnings } = await bench({}, (res) =>
        res.writeHead(status, { Location: '/other' }).end(),
      )
      hook.observe(eventWith())
      await come(1, 1_000)
      await until(() => hook.dropped() === 1)
      await timers.advance(600_000)
      assert.equal(got.length, 1)
      assert.match(warnings[0] ?? '', new RegExp(`answer was ${status}`))
      assert.doesNotMatch(warnings.join(), /127\.0\.0\.1|http:/)
      await hook.close()
    })

  test('LOG-04: a receiver that hangs holds one batch, and what finds no room is counted', async () => {
    const { got, hook, come } = await bench({ maxWaiting: 50, maxBatch: 10 }, () => undefined)
    for (let i = 0; i < 50; i++) hook.observe(eventWith())
    await come(1, 1_000)
    for (let i = 0; i < 1_000; i++) hook.observe(eventWith())
    assert.equal(got.length, 1)
    assert.equal(hook.dropped(), 990)
  })

  test('LOG-04: a flood of what was allowed makes room for refusals, and what is lost is counted by outcome', async () => {
    const { got, hook, come } = await bench({ maxWaiting: 50, maxBatch: 50 }, () => undefined)
    hook.observe(eventWith())
    await come(1, 1_000)
    for (let i = 0; i < 1_000; i++) hook.observe(allowedEvent())
    for (let i = 0; i < 50; i++) hook.observe(eventWith())
    assert.equal(got.length, 1)
    assert.deepEqual([hook.droppedByOutcome().allowed, hook.droppedByOutcome().refused], [1_000, 0])
    hook.observe(eventWith())
    assert.equal(hook.droppedByOutcome().refused, 1)
    assert.equal(hook.dropped(), 1_001)
  })

  test('LOG-06: an answer that never ends is not read, and a redirect is not followed', async () => {
    const cut: string[] = []
    const { got, hook, come } = await bench({ maxBatch: 1 }, (res, count) => {
      res.writeHead(count === 1 ? 307 : 200, { Location: '/elsewhere' })
      res.on('close', () => cut.push(`${count}`))
      const more = (): void => {
        while (res.writable && res.write(Buffer.alloc(65_536))) continue
        if (res.writable) res.once('drain', more)
      }
      if (count === 1) res.end()
      else more()
    })
    hook.observe(eventWith())
    hook.observe(eventWith())
    await come(2, 1_000)
    await until(() => cut.length === 2)
    await hook.close()
    assert.equal(got.length, 2)
    assert.deepEqual([hook.dropped(), cut.toSorted()], [1, ['1', '2']])
  })

  test('LOG-06: nothing of a sink keeps the process alive', async () => {
    const { url } = await endpoint(() => undefined)
    const index = new URL('../../src/index.ts', import.meta.url).href
    const program = `
      const { fileLog, gatehouse, jsonLines, metrics, webhook } = await import(${JSON.stringify(index)})
      const { Writable } = await import('node:stream')
      const { subscribe } = await import('node:diagnostics_channel')
      // Until a request is under way, which is never answered.
      const hold = setInterval(() => {}, 1_000_000)
      subscribe('http.client.request.start', () => setImmediate(() => clearInterval(hold)))
      const event = JSON.parse(process.argv[1])
      const log = fileLog({ path: '/dev/null/events.log' })
      const hook = webhook({ url: ${JSON.stringify(url)}, dangerouslyAllowHttp: true, gather: 0 })
      const lines = jsonLines(new Writable({ write() {} }))
      const meter = metrics({ sinks: { log, hook, lines } })
      gatehouse({ hosts: ['a.example'], public: 'a test', metrics: meter })
      for (let i = 0; i < 100; i++) for (const tell of [log.observe, hook.observe, lines, meter.observe]) tell(event)
      meter.prometheus()
      meter.prometheus()`
    const node = [...process.execArgv, '--input-type=module', '--eval', program, JSON.stringify(eventWith())]
    const child = spawn(process.execPath, node, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    const [code] = (await once(child, 'close')) as [number | null]
    // Killed when the time is over, it has no code.
    assert.equal(code, 0, said)
  })

  test('LOG-06: a signal ends what is under way, and drops what waits', async () => {
    const controller = new AbortController()
    const { hook, come } = await bench({ signal: controller.signal, maxBatch: 1 }, () => undefined)
    for (let i = 0; i < 3; i++) hook.observe(eventWith())
    await come(1, 1_000)
    controller.abort()
    await hook.close()
    assert.equal(hook.dropped(), 3)
    hook.observe(eventWith())
    assert.equal(hook.dropped(), 4)
  })

  test('LOG-06: a signal that is aborted already leaves nothing to be posted', async () => {
    const { got, hook, timers } = await bench({ signal: AbortSignal.abort() })
    hook.observe(eventWith())
    assert.deepEqual([hook.dropped(), timers.running()], [1, 1])
    await hook.close()
    assert.deepEqual([got.length, timers.running()], [0, 0])
  })

  test('fields of the user go with it, wrapped or not', async () => {
    const { got, hook, come } = await bench({ headers: { Authorization: secret('Bearer x'), 'X-Own': 'y' } })
    hook.observe(eventWith())
    await come(1, 1_000)
    assert.equal(got[0]?.headers['authorization'], 'Bearer x')
    assert.equal(got[0]?.headers['x-own'], 'y')
    await hook.close()
  })

  test('LOG-06: a certificate that nobody vouches for is a failure, whatever the environment says', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      const { url, asked } = await tlsEndpoint((_req, res) => res.writeHead(204).end())
      const timers = movableTimers()
      const hook = createWebhook(
        { url, attempts: 1 },
        { startTimer: timers.startTimer, warn: () => undefined },
      )
      hook.observe(eventWith())
      await timers.advance(1_000)
      await until(() => hook.dropped() === 1)
      assert.deepEqual(asked, [])
      await hook.close()
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
  })

  test('LOG-02, ERR-03: what cannot be used is refused when it is made, and no secret is in the message', () => {
    const rows: readonly (readonly [options: unknown, mistake: string])[] = [
      [{}, 'missing_option webhook.url'],
      [{ url: 'hooks' }, 'malformed_value webhook.url'],
      [{ url: 'ftp://hidden.example' }, 'malformed_value webhook.url'],
      [{ url: 'http://hidden.example' }, 'unsafe_value webhook.url'],
      [{ url: 'https://hidden:hidden@a.example' }, 'unsafe_value webhook.url'],
      [{ secret: 'aGlkZGVu' }, 'malformed_value webhook.secret'],
      [{ secret: 'whsec_hidden!' }, 'malformed_value webhook.secret'],
      [{ secret: 'whsec_aGlkZGVu' }, 'malformed_value webhook.secret'],
      [{ headers: { 'X-Key': 'hidden\n' } }, 'malformed_value webhook.headers["X-Key"]'],
      [{ headers: { 'Content-Type': 'hidden' } }, 'contradiction webhook.headers["Content-Type"]'],
      [{ headers: ['hidden'] }, 'wrong_type webhook.headers'],
      [{ signal: 'hidden' }, 'wrong_type webhook.signal'],
    ]
    for (const [options, mistake] of rows) {
      const given = {
        ...(mistake.endsWith('url') ? {} : { url: 'https://a.example' }),
        ...(options as object),
      }
      assert.throws(
        () => webhook(given as WebhookOptions),
        (error) => {
          assert.ok(error instanceof ConfigError)
          assert.deepEqual(
            error.mistakes.map(({ code, path }) => `${code} ${path}`),
            [mistake],
          )
          assert.doesNotMatch(error.message, /hidden/)
          return true
        },
      )
    }
  })
})
