import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guarded } from '../support/gate.ts'

/*
 * node:http drops field lines beyond about a thousand without a word (newer releases refuse them). A client that sends that many makes a proxy's own
 * line disappear, and with it the check for a second Host, a second credential, a credential in clear.
 */

const junk = 'a:\r\n'.repeat(1100)
const requests: readonly (readonly [name: string, lines: string])[] = [
  [
    "PRX-03: a proxy's line after the junk",
    `X-Forwarded-For: 192.0.2.66\r\n${junk}X-Forwarded-For: 203.0.113.9\r\n`,
  ],
  ['REQ-01: a second Host after the junk', `${junk}Host: evil.example\r\n`],
  ['REQ-08: a second credential after the junk', `Authorization: Test a\r\n${junk}Authorization: Test b\r\n`],
  ['TLS-01: a credential in clear after the junk', `${junk}Authorization: Test a\r\n`],
]
for (const [name, lines] of requests) {
  test(`${name} is refused, and no address of the client's is believed`, async () => {
    const server = await guarded({
      https: 'redirect',
      proxy: { trustedRanges: ['loopback'] },
      routes: { '/*': { public: 'a test' } },
    })
    const text = await server.raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines}Connection: close\r\n\r\n`)
    assert.match(text, /^HTTP\/1\.1 431 /)
    assert.doesNotMatch(text, /^Location:/im)
    // Nor is the proxy taken for its client.
    for (const event of await server.events()) assert.equal(event.client, undefined)
    await server.close()
  })
}

test('PRX-03: what node:http refuses before there is a request does not make a client of the proxy', async () => {
  const server = await guarded({
    proxy: { trustedRanges: ['loopback'] },
    routes: { '/*': { public: 'a test' } },
  })
  for (const bytes of [
    'hello\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
  ])
    assert.match(await server.raw(bytes), /^HTTP\/1\.1 4\d\d /)
  const events = await server.events()
  assert.deepEqual(
    events.map(({ kind, client }) => [kind, client]),
    [
      ['connection.malformed', undefined],
      ['connection.fields-too-large', undefined],
    ],
  )
  await server.close()
})

test('PRX-02, PRX-11: field lines that would be removed count, and do not make a client of the proxy', async () => {
  for (const shadow of [[], ['request']] as const) {
    const server = await guarded({
      proxy: { trustedRanges: ['loopback'] },
      addresses: { allow: ['loopback'] },
      routes: { '/*': { public: 'a test' } },
      shadow,
    })
    const removed = Array.from({ length: 210 }, (_, index) => `X-User-${index}: a\r\n`).join('')
    const text = await server.raw(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${removed}X-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n`,
    )
    assert.match(text, shadow.length === 0 ? /^HTTP\/1\.1 431 / : /^HTTP\/1\.1 403 [^]*"address_unknown"/)
    await server.close()
  }
})

test('REQ-10: 200 field lines are taken, and 201 are not', async () => {
  const server = await guarded({ routes: { '/*': { public: 'a test' } } })
  // With Host and Connection.
  const lines = (count: number): string => 'a: b\r\n'.repeat(count - 2)
  const ask = (count: number): Promise<string> =>
    server.raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines(count)}Connection: close\r\n\r\n`)
  assert.match(await ask(200), /^HTTP\/1\.1 200 /)
  assert.match(await ask(201), /^HTTP\/1\.1 431 /)
  await server.close()
})
