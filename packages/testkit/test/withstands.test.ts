import assert from 'node:assert/strict'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { after, describe, test } from 'node:test'
import { gatehouse, jwt } from '@gatehouse/core'
import {
  attackChecks,
  type AttackOptions,
  fakeIssuer,
  requestAttacks,
  tokenAttacks,
  violationOf,
  withstands,
} from '../src/index.ts'

const HOST = 'api.example.com'
const ORIGIN = 'https://app.example.com'
const issuer = await fakeIssuer()
after(() => issuer.close())

function guarded(alg = issuer): Server {
  const gate = gatehouse({
    hosts: [HOST],
    https: 'dangerouslyAllowHttp',
    cors: { origins: [ORIGIN, 'https://partner.example'] },
    authenticate: jwt(alg.jwtOptions),
    routes: {
      'GET /admin/users': { roles: ['admin'] },
      'POST /admin/users': { roles: ['admin'], content: 'json' },
    },
  })
  return gate.attach(createServer(gate.handler((_req, res) => res.end('in'))))
}

const at = {
  issuer,
  host: HOST,
  path: '/admin/users',
  post: { path: '/admin/users', json: { name: 'eve' } },
  origin: ORIGIN,
} as const satisfies Omit<AttackOptions, 'target'>

// As a user calls it: these are tests themselves.
withstands({ ...at, target: guarded() })

async function failures(target: AttackOptions['target']): Promise<readonly string[]> {
  const { checks, close } = attackChecks({ ...at, target })
  const failed: string[] = []
  for (const { title, run } of checks) await run().catch(() => failed.push(title))
  await close()
  return failed
}

interface Seen {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** A server that believes what a token says, and answers; `what` comes first. */
function trusting(
  what: (req: IncomingMessage, res: ServerResponse, seen: Seen | undefined) => boolean,
): RequestListener {
  return (req, res) => {
    const [header, payload] = (req.headers.authorization ?? '').replace('Bearer ', '').split('.')
    let seen: Seen | undefined
    try {
      const read = (text = ''): Record<string, unknown> =>
        JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>
      seen = { header: read(header), claims: read(payload) }
    } catch {
      // Nobody.
    }
    res.statusCode = what(req, res, seen) ? 200 : 401
    res.end()
  }
}

describe('the attacks', () => {
  const rows: readonly (readonly [
    title: string,
    target: AttackOptions['target'],
    noticed: readonly RegExp[],
  ])[] = [
    [
      'notice an API that refuses everything',
      (_req, res) => res.writeHead(401).end(),
      [/^answers an honest request$/, /^answers honest content$/],
    ],
    [
      'JWT-15, REQ-05: notice an API that lets everything in, and has a limit',
      (() => {
        let asked = 0
        return (_req: IncomingMessage, res: ServerResponse) =>
          void res.writeHead(++asked > 10 ? 429 : 200).end()
      })(),
      [/^no signature: /, /^another spelling of a path: /, /^answers an honest request after all of them$/],
    ],
    [
      'JWT-15, REQ-05: notice an API that lets everything in, and fails from then on',
      (() => {
        let asked = 0
        return (_req: IncomingMessage, res: ServerResponse) =>
          void res.writeHead(++asked > 1 ? 500 : 200).end()
      })(),
      [/^no signature: /, /^another spelling of a path: /],
    ],
    [
      'JWT-05, JWT-15, JWT-19: notice an API that checks no signature',
      trusting((_req, _res, seen) => seen !== undefined),
      [
        /^no signature: an empty/,
        /^key confusion: the PEM/,
        /^a key of its own: jwk$/,
        /^a name of a key/,
        /^a signature of zeros/,
      ],
    ],
    [
      'JWT-06, JWT-07, JWT-10, JWT-11, JWT-12: notice an API that does not look at who made it, whom it is for, or the time',
      trusting((_req, _res, seen) => seen?.header['alg'] === 'ES256'),
      [
        /^another audience: the other service$/,
        /^another issuer: the other issuer$/,
        /^another issuer: no issuer$/,
        /^another time: an end an hour ago$/,
        /^another time: a beginning in an hour$/,
        /^a time that never comes: none at all$/,
        /^a critical extension/,
        /^one claim twice/,
      ],
    ],
    [
      'PRX-11: notice an API that believes a proxy that is none',
      trusting((req, _res, seen) => seen !== undefined || req.headers['remote-user'] !== undefined),
      [/^fields of a proxy: Remote-User: admin$/],
    ],
    [
      'REQ-05: notice an API that guards one spelling of a path',
      trusting((req, _res, seen) => req.url !== '/admin/users' || seen !== undefined),
      [/^another spelling of a path: \/\/admin\/users$/, /^another spelling of a path: \/ADMIN\/users$/],
    ],
    [
      'REQ-03, REQ-07, REQ-11, REQ-12, REQ-13: notice an API that goes by any host',
      trusting((_req, _res, seen) => seen !== undefined),
      [
        /^another host: evil\.example$/,
        /^another method than it says: X-HTTP-Method$/,
        /^a query that reaches/,
        /^JSON that/,
        /^a compression bomb: gzip$/,
      ],
    ],
    [
      'COR-12, COR-14: notice an API that allows each origin that asks',
      trusting((req, res) => {
        if (req.headers.origin !== undefined) res.setHeader('Access-Control-Allow-Origin', req.headers.origin)
        return true
      }),
      [
        /^another origin: "null"$/,
        /^another origin: "https:\/\/app\.example\.com\.evil\.com", by a preflight$/,
      ],
    ],
    [
      'REQ-09: notice an API that takes malformed requests',
      createServer(
        { insecureHTTPParser: true },
        trusting(() => true),
      ),
      [/^malformed: CL\.TE$/, /^malformed: a bell in a value$/],
    ],
  ]
  for (const [title, target, noticed] of rows) {
    test(title, async () => {
      const failed = await failures(target)
      for (const each of noticed)
        assert.ok(
          failed.some((check) => each.test(check)),
          `${String(each)}: ${failed.join('\n')}`,
        )
    })
  }

  for (const alg of ['RS256', 'EdDSA'] as const) {
    test(`JWT-03: of tokens are refused where the issuer signs by ${alg}`, async () => {
      const own = await fakeIssuer({ alg })
      const { checks, close } = attackChecks({
        target: guarded(own),
        issuer: own,
        host: HOST,
        path: '/admin/users',
      })
      for (const { title, run } of checks)
        if (/token|signature|key|claim|audience|honest/.test(title)) await run()
      await close()
      await own.close()
    })
  }

  test('have names of their own', () => {
    const names = [...tokenAttacks(issuer), ...requestAttacks({ ...at, token: issuer.as('bob') })].map(
      ({ family, name }) => `${family}: ${name}`,
    )
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    )
  })

  test('are left out where nobody says what they need', () => {
    const all = requestAttacks({ host: HOST, path: '/admin/users', token: issuer.as('bob') })
    assert.ok(!all.some(({ family }) => /JSON|bomb|origin/.test(family)))
  })

  test('succeed by any answer on the connection', () => {
    assert.equal(
      violationOf('succeed', 'HTTP/1.1 400 Bad Request\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
      'it was let in',
    )
    assert.equal(violationOf('succeed', 'HTTP/1.1 400 Bad Request\r\n\r\n'), undefined)
    assert.equal(violationOf('succeed', ''), undefined)
  })
})
