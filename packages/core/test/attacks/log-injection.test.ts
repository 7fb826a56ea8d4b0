import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { after, test } from 'node:test'
import { pino } from 'pino'
import type { Observer, SecurityEvent } from '../../src/contract/event.ts'
import { authenticated, bad, NO_CREDENTIALS, type Scheme } from '../../src/contract/scheme.ts'
import { consoleLogger } from '../../src/observe/console-logger.ts'
import { fileLog } from '../../src/observe/file-log.ts'
import { jsonLines } from '../../src/observe/json-lines.ts'
import { logTo } from '../../src/observe/log-to.ts'
import { metrics } from '../../src/observe/metrics.ts'
import { webhook } from '../../src/observe/webhook.ts'
import { endpoint } from '../support/endpoint.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { parsePrometheus } from '../support/prometheus.ts'
import type { TestPrincipal } from '../support/scheme.ts'

// Whoever sends a request writes a part of the log: its path, its method, the name that a token gives. None of it may make
// a second line, end a text, colour a terminal, or look like an event that never was.
const FORGED = '2026-01-01T00:00:00.000Z  allowed  GET /admin'
const TEXTS = [
  `x\r\n${FORGED}`,
  `x\n{"outcome":"allowed","path":"/admin"}`,
  `x\u2028${FORGED}\u2029`,
  `x\u0085${FORGED}`,
  '\u001b[2J\u001b[31mx\u009b2K\u0007',
  'x\u202e\u2066reversed',
  '\ud800 lone \udfff',
  '__proto__',
  '%s %o %j %d',
  '"},{"outcome":"allowed"',
  'x'.repeat(1_000_000),
  '\n'.repeat(100_000),
]

/** A scheme of somebody's own that quotes what it was sent, wherever it can. */
const quoting: Scheme<TestPrincipal> = {
  name: 'quoting',
  compile: () => ({
    name: 'quoting',
    fields: ['x-text'],
    challenges: () => ['Quoting'],
    identify({ headers: { 'x-text': sent } }) {
      if (typeof sent !== 'string') return NO_CREDENTIALS
      const text = TEXTS[Number(sent.slice(1))] ?? ''
      if (sent.startsWith('-')) return bad('token.malformed', `it says ${text}`)
      return authenticated<TestPrincipal>({
        scheme: 'test',
        subject: text,
        issuer: text,
        scopes: [],
        roles: [],
      })
    },
  }),
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-injection-'))
const open: Guarded[] = []
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  for (const each of open) await each.close()
})

/** What no reader of a log may find in it, but for the ends of its lines. */
const HARMFUL = /[\p{Cc}\u2028\u2029]|\p{Bidi_Control}|\p{Surrogate}/u

function collect(): { readonly stream: Writable; readonly text: () => string } {
  let all = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      all += chunk.toString('utf8')
      done()
    },
  })
  return { stream, text: () => all }
}

test('LOG-03: no request makes a line of its own in any log', async () => {
  const posted: string[] = []
  const { url } = await endpoint((req, res: ServerResponse) => {
    let content = ''
    req.on('data', (chunk: Buffer) => (content += chunk.toString('utf8')))
    req.on('end', () => {
      posted.push(content)
      res.writeHead(204).end()
    })
  })
  const [lines, console_, logged] = [collect(), collect(), collect()]
  const path = join(folder, 'events.log')
  const log = fileLog({ path })
  const hook = webhook({ url, dangerouslyAllowHttp: true, gather: 0 })
  const meter = metrics()
  const heard: SecurityEvent[] = []
  const observe: Observer[] = [
    (event) => heard.push(event),
    jsonLines(lines.stream),
    consoleLogger({ stream: console_.stream, stacks: true }),
    logTo(pino(logged.stream)),
    log.observe,
    hook.observe,
  ]
  const server = await guarded({ authenticate: quoting, observe, metrics: meter }, (req) => {
    throw new Error(`no use for ${TEXTS[Number(req.headers['x-text'])] ?? ''}`)
  })
  open.push(server)
  for (let i = 0; i < TEXTS.length; i++) {
    await server.send({ fields: ['X-Text', `-${i}`] })
    await server.send({ fields: ['X-Text', `${i}`] })
  }
  await server.raw('GET /\u001b[2J\u0085%0a%0d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
  await server.events()
  await log.close()
  await hook.close()

  assert.ok(heard.length > 2 * TEXTS.length)
  for (const event of heard)
    for (const text of [
      event.reason,
      event.path,
      event.method,
      event.principal?.subject,
      event.principal?.issuer,
    ]) {
      assert.doesNotMatch(text ?? '', HARMFUL)
      assert.ok((text ?? '').length <= 1_024)
    }
  const events = heard.map((event) => JSON.parse(JSON.stringify(event)) as unknown)
  for (const text of [lines.text(), readFileSync(path, 'utf8')]) {
    const found = text.split(/[\n\r\u0085\u2028\u2029]/)
    assert.equal(found.pop(), '')
    assert.deepEqual(
      found.map((line) => JSON.parse(line) as unknown),
      events,
    )
  }
  const ofPino = logged.text().split(/[\n\r\u0085\u2028\u2029]/)
  assert.equal(ofPino.pop(), '')
  assert.deepEqual(
    ofPino.map((line) => (JSON.parse(line) as { readonly event: unknown }).event),
    events,
  )
  assert.deepEqual(
    posted.flatMap(
      (content) => (JSON.parse(content) as { readonly data: { readonly events: unknown[] } }).data.events,
    ),
    events,
  )
  // A line begins with its time, or is set in since it is of a stack.
  const shown = console_.text().split('\n')
  assert.equal(shown.pop(), '')
  for (const line of shown) assert.doesNotMatch(line, HARMFUL)
  assert.equal(shown.filter((line) => !line.startsWith('    ')).length, events.length)
  assert.equal(stripVTControlCharacters(console_.text()), console_.text())
  const families = parsePrometheus(meter.prometheus())
  const counted = families.find(({ name }) => name === 'gatehouse_events_total')?.metrics ?? []
  assert.equal(
    counted.reduce((sum, { value }) => sum + Number(value), 0),
    heard.length,
  )
})
