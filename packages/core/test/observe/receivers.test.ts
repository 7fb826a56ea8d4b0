import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { webhookVerifier } from '../../src/identity/webhook-verifier.ts'
import { secret as wrapped } from '../../src/lib/secret.ts'
import { generateWebhookSecret } from '../../src/lib/standard-webhook.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import type { Alert } from '../../src/observe/alerts.ts'
import { slackAlerts, slackBy, slackMessage } from '../../src/observe/alerts/slack.ts'
import { signedWebhook, webhookAlerts, type WebhookAlertsOptions } from '../../src/observe/alerts/webhook.ts'
import type { Sent } from '../../src/observe/delivery.ts'
import type { PostAnswer, Posted } from '../../src/observe/post.ts'
import { makeCertificates } from '../support/certificates.ts'

const ALERT: Alert = {
  id: 'id-1',
  rule: 'scanning',
  severity: 'warning',
  state: 'firing',
  by: 'client',
  key: '203.0.113.7',
  others: 0,
  count: 42,
  different: 30,
  total: 42,
  threshold: 40,
  window: 300_000,
  since: '2026-01-01T00:00:00.000Z',
  until: undefined,
  samples: [
    {
      time: '2026-01-01T00:00:00.000Z',
      kind: 'handler.not-found',
      outcome: 'refused',
      method: 'GET',
      path: '/<!channel> @here https://evil.example/<https://evil.example|click> &amp;',
      client: '203.0.113.7',
      principal: undefined,
    },
  ],
  meaning: 'One client asks for many paths.',
  advice: 'Limit it.',
}

const signal = new AbortController().signal
const secret = generateWebhookSecret()

function answering(...answers: PostAnswer[]): {
  readonly posted: Posted[]
  readonly send: (posted: Posted) => Promise<PostAnswer>
} {
  const posted: Posted[] = []
  return {
    posted,
    send: (one) => {
      posted.push(one)
      return Promise.resolve(answers[posted.length - 1] ?? { status: 204 })
    },
  }
}

describe('a webhook of alerts', () => {
  test('LOG-06, SIG-01: is signed with every secret, and believed by the verifier', async () => {
    const { posted, send } = answering()
    const next = generateWebhookSecret()
    const receiver = signedWebhook({ url: 'https://ops.example/hook', secret: [secret, wrapped(next)] }, send)
    assert.deepEqual(await receiver.send([ALERT], { id: 'msg_1', signal }), { type: 'sent' })
    const [one] = posted
    assert.ok(one)
    assert.equal(one.url, 'https://ops.example/hook')
    assert.deepEqual(JSON.parse(one.body), {
      type: 'alert.firing',
      timestamp: ALERT.since,
      data: JSON.parse(JSON.stringify(ALERT)) as unknown,
    })
    const headers = Object.fromEntries(
      Object.entries(one.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    for (const each of [secret, next]) {
      const { verify } = webhookVerifier({ secret: each, store: memoryStore() })
      assert.equal((await verify(headers, one.body)).ok, true)
    }
  })

  const answers: readonly (readonly [answer: PostAnswer, expected: Sent])[] = [
    [{ status: 200 }, { type: 'sent' }],
    [{ status: 301 }, { type: 'refused', reason: 'the answer was 301' }],
    [{ status: 400 }, { type: 'refused', reason: 'the answer was 400' }],
    [{ status: 410 }, { type: 'refused', reason: 'the answer was 410' }],
    [{ status: 408 }, { type: 'later', reason: 'the answer was 408', afterMs: undefined }],
    [
      { status: 429, retryAfter: '7' },
      { type: 'later', reason: 'the answer was 429', afterMs: 7_000 },
    ],
    [
      { status: 503, retryAfter: 'soon' },
      { type: 'later', reason: 'the answer was 503', afterMs: undefined },
    ],
  ]
  for (const [answer, expected] of answers) {
    test(`LOG-06: an answer ${answer.status} means ${expected.type}`, async () => {
      const receiver = signedWebhook({ url: 'https://ops.example/hook', secret }, answering(answer).send)
      assert.deepEqual(await receiver.send([ALERT], { id: 'msg_1', signal }), expected)
    })
  }

  test('ERR-03, LOG-06: unusable options are told at once, without the URL or the secret', () => {
    const rows: readonly (readonly [given: Partial<WebhookAlertsOptions>, path: string])[] = [
      [{ url: 'http://ops.example/S3CRET' }, 'webhookAlerts.url'],
      [{ url: 'ftp://ops.example/S3CRET' }, 'webhookAlerts.url'],
      [{ url: 'https://user:S3CRET@ops.example/' }, 'webhookAlerts.url'],
      [{ url: 'https://ops.example/#S3CRET' }, 'webhookAlerts.url'],
      [{ url: 'S3CRET' }, 'webhookAlerts.url'],
      [{ url: 7 as unknown as string }, 'webhookAlerts.url'],
      [{ secret: 'S3CRET' }, 'webhookAlerts.secret'],
      [{ secret: [secret, 'S3CRET'] }, 'webhookAlerts.secret[1]'],
      [{ attempts: 0 }, 'webhookAlerts.attempts'],
    ]
    for (const [given, path] of rows) {
      assert.throws(
        () => webhookAlerts({ url: 'https://ops.example/', secret, ...given }),
        (error) => {
          assert.ok(error instanceof ConfigError)
          assert.deepEqual(
            error.mistakes.map((mistake) => mistake.path),
            [path],
          )
          assert.doesNotMatch(error.message, /S3CRET/)
          return true
        },
        JSON.stringify(given),
      )
    }
  })
})

describe('a chat of alerts', () => {
  test('LOG-06: what clients chose names nobody, links nowhere, and marks nothing up', async () => {
    const { posted, send } = answering()
    const receiver = slackBy({ url: 'https://hooks.example/x' }, send)
    await receiver.send([ALERT], { id: 'msg_1', signal })
    const body = posted[0]?.body ?? ''
    assert.doesNotMatch(body, /[<>]|@here|:\/\/|mrkdwn/)
    assert.match(body, /&lt;!channel&gt;/)
    assert.match(body, /&amp;amp;/)
    const message = JSON.parse(body) as { readonly text: string; readonly blocks: readonly object[] }
    assert.equal(
      message.text,
      '🟠 scanning: warning. One client asks for many paths. client 203.0.113.7: 42 in 5 min',
    )
    assert.equal(message.blocks.length, 4)
  })

  test('LOG-06: an alert that is over is one that others are folded into', () => {
    const { text, blocks } = slackMessage({
      ...ALERT,
      state: 'cleared',
      until: '2026-01-01T00:10:00.000Z',
      others: 37,
      window: 1_500,
    })
    assert.match(text, /scanning: over\. .* client 203\.0\.113\.7 and 37 more: 42 from /)
    assert.equal(blocks.length, 2)
  })

  test('LOG-06: what a client chose makes no link in a chat that reads Markdown', () => {
    const { text } = slackMessage({ ...ALERT, by: 'key', key: '[click](evil.example) WWW.evil.example' })
    assert.ok(text.includes('[click]\u200b(evil.example) WWW.\u200bevil.example'), text)
  })

  test('LOG-06: no text is longer than a chat takes', () => {
    const long = '<&@'.repeat(10_000)
    const sample = { ...ALERT.samples[0], path: long } as Alert['samples'][number]
    const message = slackMessage({
      ...ALERT,
      rule: long,
      key: long,
      meaning: long,
      advice: long,
      samples: [sample],
    })
    const texts = [
      message.text,
      ...message.blocks.map((block) => (block as { text: { text: string } }).text.text),
    ]
    for (const text of texts) assert.ok(text.length <= 3_000, String(text.length))
    assert.ok((texts[1]?.length ?? 0) <= 150)
    // No escape is cut in two.
    for (const text of texts) assert.match(text, /(?:&lt;|&amp;|@\u200b|: critical|: warning)…$/)
  })
})

describe('a receiver on a server', () => {
  const certificates = makeCertificates()
  const servers: { close: () => unknown; closeAllConnections: () => void }[] = []
  after(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })

  async function serve(
    isTls: boolean,
    status: number,
  ): Promise<{ readonly port: number; readonly got: { req: IncomingMessage; body: string }[] }> {
    const got: { req: IncomingMessage; body: string }[] = []
    const listener: RequestListener = (req, res) => {
      let body = ''
      req.setEncoding('utf8')
      req.on('data', (chunk: string) => (body += chunk))
      req.on('end', () => {
        got.push({ req, body })
        res.writeHead(status, { Location: '/elsewhere' }).end()
      })
    }
    const { cert, key } = certificates.server
    const server = isTls ? createHttps({ cert, key }, listener) : createHttp(listener)
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port, got }
  }

  test('LOG-06, SIG-01: gets a signed message over TLS, from an authority that is named', async () => {
    const { port, got } = await serve(true, 204)
    const options = { url: `https://localhost:${port}/hook`, secret, ca: certificates.authority.cert }
    assert.deepEqual(await webhookAlerts(options).send([ALERT], { id: 'msg_1', signal }), { type: 'sent' })
    const [{ req, body }] = got as [(typeof got)[0]]
    assert.equal(req.headers['content-type'], 'application/json')
    const { verify } = webhookVerifier({ secret, store: memoryStore() })
    assert.equal((await verify(req.headers, body)).ok, true)
  })

  test('LOG-06: is not told where nobody vouches for it', async () => {
    const { port, got } = await serve(true, 204)
    const receiver = webhookAlerts({ url: `https://localhost:${port}/hook`, secret })
    await assert.rejects(async () => receiver.send([ALERT], { id: 'msg_1', signal }))
    assert.equal(got.length, 0)
  })

  test('LOG-06: a redirect is not followed', async () => {
    const { port, got } = await serve(false, 307)
    const receiver = slackAlerts({ url: `http://127.0.0.1:${port}/hook`, dangerouslyAllowHttp: true })
    assert.deepEqual(await receiver.send([ALERT], { id: 'msg_1', signal }), {
      type: 'refused',
      reason: 'the answer was 307',
    })
    assert.equal(got.length, 1)
  })

  test('LOG-06: an attempt that is aborted ends', async () => {
    const server = createHttp(() => {})
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const abort = new AbortController()
    const receiver = slackAlerts({ url: `http://127.0.0.1:${port}/hook`, dangerouslyAllowHttp: true })
    const sending = Promise.resolve(receiver.send([ALERT], { id: 'msg_1', signal: abort.signal }))
    server.once('request', () => abort.abort())
    await assert.rejects(sending)
  })
})
