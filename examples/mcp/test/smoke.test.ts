import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js'
import { type Answer, call } from '../../../packages/core/test/support/call.ts'
import { type Child, run } from '../../../packages/core/test/support/child.ts'
import { freePort } from '../../../packages/core/test/support/ports.ts'

describe('the example of an MCP server', () => {
  let child: Child
  let origin: string
  let issuer: string
  let secret: string

  before(async () => {
    const [port, issuerPort] = [await freePort(), await freePort()]
    origin = `https://localhost:${port}`
    issuer = `https://localhost:${issuerPort}`
    child = run('mcp', [], { PORT: String(port), ISSUER_PORT: String(issuerPort) })
    await child.printed(/Ctrl\+C/)
    secret = /^ {2}CLIENT=agent:(\S+)$/m.exec(child.output())?.[1] ?? assert.fail('it printed no secret')
  })
  after(() => child?.stop())

  const tokenFor = async (resource: string | undefined, scope: string): Promise<Answer> =>
    call(`${issuer}/token`, {
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope,
        ...(resource === undefined ? {} : { resource }),
      }),
      headers: { Authorization: `Basic ${Buffer.from(`agent:${secret}`).toString('base64')}` },
    })
  const callTool = (
    token: string,
    name: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer> =>
    post(token, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } }, headers)
  const post = (
    token: string,
    message: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer> =>
    call(`${origin}/mcp`, {
      token,
      body: JSON.stringify(message),
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        ...headers,
      },
    })

  test('PRM-01: who comes without a token is told where to read on, and reads it', async () => {
    const { status, headers } = await call(`${origin}/mcp`, { body: '{}' })
    assert.equal(status, 401)
    const url = /resource_metadata="([^"]+)"/.exec(headers['www-authenticate'] ?? '')?.[1] ?? ''
    assert.equal(url, `${origin}/.well-known/oauth-protected-resource/mcp`)
    assert.deepEqual((await call(url)).json, {
      resource: `${origin}/mcp`,
      authorization_servers: [issuer],
      scopes_supported: ['notes:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Notes',
    })
  })

  test('a client of the SDK finds its way to a token, and to another scope when a tool needs one', async (t) => {
    const sent: string[] = []
    let wanted = 'notes:read'
    const authProvider = new ClientCredentialsProvider({
      clientId: 'agent',
      clientSecret: secret,
      expectedIssuer: issuer,
    })
    // With this grant the SDK asks for one scope all its life; here it asks for what the last challenge named.
    authProvider.prepareTokenRequest = () =>
      new URLSearchParams({ grant_type: 'client_credentials', scope: wanted })
    const client = new Client({ name: 'a test', version: '1.0.0' })
    t.after(() => client.close())
    const transport = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), {
      authProvider,
      fetch: fetching(sent, (challenge) => (wanted = /scope="([^"]+)"/.exec(challenge)?.[1] ?? wanted)),
    })
    await client.connect(transport)
    const { tools } = await client.listTools()
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['list-notes', 'add-note'],
    )
    await client.callTool({ name: 'list-notes', arguments: {} })
    assert.deepEqual(asked(sent), [['notes:read', `${origin}/mcp`]])
    await client.callTool({ name: 'add-note', arguments: { text: 'from the SDK' } })
    assert.deepEqual(asked(sent), [
      ['notes:read', `${origin}/mcp`],
      ['notes:write', `${origin}/mcp`],
    ])
  })

  /** The scopes and resources of the tokens that were asked for. */
  const asked = (sent: readonly string[]): readonly (readonly (string | null)[])[] =>
    sent
      .map((body) => new URLSearchParams(body))
      .filter((form) => form.has('grant_type'))
      .map((form) => [form.get('scope'), form.get('resource')])

  test('a tool is for those who have its scope, and others are told which one it is', async () => {
    const { json } = await tokenFor(`${origin}/mcp`, 'notes:read')
    const token = String(json['access_token'])
    const listed = await callTool(token, 'list-notes')
    assert.equal(listed.status, 200, listed.text)
    assert.match(listed.text, /Water the plants/)
    const refused = await callTool(token, 'add-note')
    assert.equal(refused.status, 403)
    assert.match(
      refused.headers['www-authenticate'] ?? '',
      /^Bearer .*error="insufficient_scope".*scope="notes:write".*resource_metadata="/,
    )
    for (const name of ['toString', '', null, ['list-notes']]) {
      assert.equal((await callTool(token, name)).status, 403, JSON.stringify(name))
    }
    const batch = await post(token, [
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'add-note' } },
    ])
    assert.equal(batch.status, 400)
  })

  test('a token for another resource is no good here, and one for none is not to be had', async () => {
    const other = await tokenFor('https://other.example.com/mcp', 'notes:read')
    assert.equal(other.status, 200)
    const refused = await callTool(String(other.json['access_token']), 'list-notes')
    assert.equal(refused.status, 401)
    assert.match(refused.headers['www-authenticate'] ?? '', /error="invalid_token"/)
    for (const resource of [undefined, 'https://unknown.example.com/mcp']) {
      const { status, json } = await tokenFor(resource, 'notes:read')
      assert.deepEqual([status, json['error']], [400, 'invalid_target'])
    }
  })

  test('no page of another origin gets in, whether it has a token or not; nor does another host', async () => {
    const { json } = await tokenFor(`${origin}/mcp`, 'notes:read')
    const token = String(json['access_token'])
    const page = { Origin: 'https://evil.example' }
    assert.equal((await callTool(token, 'list-notes', page)).status, 403)
    assert.equal((await call(`${origin}/mcp`, { body: '{}', headers: page })).status, 403)
    assert.equal(
      (await call(`${origin}/mcp`, { headers: { ...page, Accept: 'text/event-stream' } })).status,
      403,
    )
    const app = { Origin: 'https://app.example.com' }
    assert.equal((await callTool(token, 'list-notes', app)).status, 200)
    const preflight = await call(`${origin}/mcp`, {
      method: 'OPTIONS',
      headers: {
        ...app,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,mcp-protocol-version',
      },
    })
    assert.equal(preflight.status, 204)
    assert.match(preflight.headers['access-control-allow-headers'] ?? '', /mcp-protocol-version/i)
    assert.equal((await callTool(token, 'list-notes', { Host: 'evil.example' })).status, 421)
    assert.equal((await call(`${origin}/mcp`, { token })).status, 405)
    assert.equal((await call(`${origin}/other`, { token })).status, 404)
  })

  test('SIGTERM ends it with 0, and nothing of it was a 500', async () => {
    assert.deepEqual(await child.stop('SIGTERM'), { code: 0, signal: null })
    assert.doesNotMatch(child.output(), /refused +5\d\d|^\s+at .+:\d+:\d+\)?$/m)
  })
})

/** A fetch that takes any certificate, notes the bodies that it sends, and tells of challenges. */
function fetching(sent: string[], challenged: (challenge: string) => void): FetchLike {
  return async (url, { method, headers, body } = {}) => {
    const text = body === undefined || body === null ? undefined : String(body as string | URLSearchParams)
    if (text !== undefined) sent.push(text)
    const answer = await call(String(url), {
      headers: Object.fromEntries(new Headers(headers)),
      ...(method === undefined ? {} : { method }),
      ...(text === undefined ? {} : { body: text }),
    })
    const challenge = answer.headers['www-authenticate']
    if (challenge !== undefined) challenged(challenge)
    const fields = Object.entries(answer.headers).map(
      ([name, value]) => [name, String(value)] as [string, string],
    )
    return new Response(answer.text === '' ? null : answer.text, { status: answer.status, headers: fields })
  }
}
