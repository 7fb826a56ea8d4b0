import assert from 'node:assert/strict'
import { IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import type { JwtPrincipal, Pass } from '@gatehouse/core'
import { nodeHttp } from '../src/adapter/reference.ts'
import { tlsSettings } from '../../core/test/support/certificate.ts'
import { adapterChecks, type AdapterConformanceOptions, type Mount, type Witness } from '../src/index.ts'

/** What an adapter can get wrong, and a case that must notice. */
const BROKEN: readonly (readonly [what: string, broken: Mount, noticed: RegExp])[] = [
  [
    'lets everything by the gate',
    () => (_req, res) => {
      res.setHeader('Content-Type', 'application/json')
      res.end('{"ok":true}')
    },
    /HTTP without a token is 401/,
  ],
  [
    'shows what a handler threw',
    (gate, witness) =>
      nodeHttp(
        {
          ...bound(gate),
          handler: (handle) =>
            gate.handler((req, res, pass) => {
              try {
                return handle(req, res, pass)
              } catch (error) {
                return res.writeHead(500).end(String(error))
              }
            }),
        },
        witness,
      ),
    /500 is a problem, and says nothing/,
  ],
  [
    'has a page of its own for what is not found',
    (gate, witness) =>
      nodeHttp(
        { ...bound(gate), notFound: (_req, res) => void res.writeHead(404).end('Not Found') },
        witness,
      ),
    /404 is a problem/,
  ],
  [
    'forgets the rules of its routes',
    (gate, witness) => nodeHttp({ ...bound(gate), allow: () => (req) => gate.passOf(req) }, witness),
    /rule of the framework's own route refuses/,
  ],
  [
    'takes the promise of a rule for a pass',
    (gate, witness) =>
      nodeHttp(
        {
          ...bound(gate),
          allow: (...args) => {
            const admit = gate.allow(...args)
            return (req, res) => admit(req, res) && gate.passOf(req)
          },
        },
        witness,
      ),
    /decided later: a rule of the framework's own route refuses/,
  ],
  [
    'keeps one pass for all requests',
    (gate, witness) => {
      let current: Pass<JwtPrincipal> | undefined
      return nodeHttp(
        {
          ...bound(gate),
          handler: (handle) => gate.handler((req, res, pass) => handle(req, res, (current = pass))),
          allow: (...args) => {
            const admit = gate.allow(...args)
            return async (req, res) => (await admit(req, res)) && current
          },
        },
        witness,
      )
    },
    /two callers at once/,
  ],
  [
    'keeps one pass for all requests of a connection',
    (gate, witness) => {
      const passes = new WeakMap<object, Pass<JwtPrincipal>>()
      return nodeHttp(
        {
          ...bound(gate),
          handler: (handle) =>
            gate.handler((req, res, pass) => {
              if (!passes.has(req.socket)) passes.set(req.socket, pass)
              return handle(req, res, pass)
            }),
          allow: (...args) => {
            const admit = gate.allow(...args)
            return async (req, res) => (await admit(req, res)) && passes.get(req.socket)
          },
        },
        witness,
      )
    },
    /two callers at once/,
  ],
  ...(['OPTIONS', 'PUT', 'PATCH', 'DELETE'] as const).map(
    (open) =>
      [
        `answers ${open} by itself`,
        (gate, witness) =>
          instead(nodeHttp(gate, witness), ({ method, headers }) => {
            return method === open && headers['access-control-request-method'] === undefined
          }),
        new RegExp(`${open}, which no route takes`),
      ] satisfies (typeof BROKEN)[number],
  ),
  [
    'lets a path with a slash at its end by the gate',
    (gate, witness) => instead(nodeHttp(gate, witness), ({ url = '' }) => /[^/]\/$/.test(url)),
    /a slash at the end is the same rule/,
  ],
  [
    'lets an upgrade by the gate',
    (gate, witness) => instead(nodeHttp(gate, witness), ({ headers }) => 'upgrade' in headers),
    /an upgrade that nobody speaks/,
  ],
  [
    'writes around the fields of the gate',
    (gate, witness) => before(nodeHttp(gate, witness), (_req, res) => hideFields(res)),
    /an open route answers, with security and CORS fields/,
  ],
  [
    'hands on another target than came in',
    (gate, witness) =>
      before(nodeHttp(gate, witness), (req) => {
        req.url = req.url?.replace(/\?.*$/, '') ?? '/'
      }),
    /a query with a prototype is 400/,
  ],
  [
    'joins fields that came twice',
    (gate, witness) =>
      before(nodeHttp(gate, witness), (req) => {
        const at = req.rawHeaders.findLastIndex((text) => text.toLowerCase() === 'authorization')
        if (at !== -1) req.rawHeaders.splice(at, 2)
      }),
    /two Authorization fields are 400/,
  ],
  [
    'answers for a handler that never does',
    (gate, witness) =>
      before(nodeHttp(gate, witness), (req, res) => void (req.url === '/late' && res.end('late'))),
    /does not answer in time is 503/,
  ],
  [
    'runs a handler before the gate was asked',
    (gate, witness) =>
      before(nodeHttp(gate, witness), ({ url }) => {
        if (url === '/secure') witness.ran(NO_PASS)
      }),
    /HTTP without a token is 401/,
  ],
  [
    'runs a handler after the refusal',
    (gate, witness) =>
      before(nodeHttp(gate, witness), (_req, res) => res.on('finish', () => witness.ran(NO_PASS))),
    /two Hosts$/,
  ],
  [
    'runs a handler twice',
    (gate, witness) => nodeHttp(gate, { ...witness, ran: (pass) => [pass, pass].forEach(witness.ran) }),
    /an open route answers, with security and CORS fields/,
  ],
  [
    'runs no handler, or none that tells',
    (gate, witness) => nodeHttp(gate, { ...witness, ran: () => undefined }),
    /a list in the query is answered/,
  ],
  [
    'has a field more with HEAD',
    (gate, witness) =>
      before(nodeHttp(gate, witness), ({ method }, res) => {
        if (method === 'HEAD') res.setHeader('X-More', 'yes')
      }),
    /HEAD: an open route/,
  ],
  [
    'refuses HEAD in another way',
    (gate, witness) =>
      before(nodeHttp(gate, witness), (req) => {
        if (req.method === 'HEAD' && req.url === '/throws') req.url = '/missing'
      }),
    /HEAD: a handler that throws/,
  ],
  [
    'sends content with HEAD',
    (gate, witness) =>
      before(nodeHttp(gate, witness), ({ method, socket }, res) => {
        if (method === 'HEAD') res.prependListener('finish', () => socket.write('{"ok":true}'))
      }),
    /HEAD: no token/,
  ],
  [
    'holds a stream back until it is whole',
    (gate, witness) => before(nodeHttp(gate, witness), (_req, res) => holdBack(res)),
    /a stream comes as it is made/,
  ],
  [
    'ends half a stream as if it were whole',
    (gate, witness) => nodeHttp({ ...bound(gate), fail: (_req, res) => void res.end() }, witness),
    /a stream that fails after its first piece is cut/,
  ],
  [
    'answers nobody whose stream fails at once',
    (gate, witness) => nodeHttp({ ...bound(gate), fail: () => undefined }, witness),
    /a stream that fails at once is a problem/,
  ],
  [
    'hands on a pass whose signal never aborts',
    (gate, witness) =>
      nodeHttp(gate, {
        ...witness,
        ran: (pass) =>
          witness.ran(Object.defineProperty(pass, 'signal', { value: new AbortController().signal })),
      }),
    /goes away before the answer/,
  ],
  [
    'counts a client that went away for ever',
    (gate, witness) => {
      let inside = 0
      return before(nodeHttp(gate, witness), ({ url }, res) => {
        if (url !== '/stream/endless') return
        res.once('finish', () => inside--)
        if (inside++ > 0) res.writeHead(503).end()
      })
    },
    /goes away in mid-answer/,
  ],
]

/** A handler ran, with whatever. */
const NO_PASS = {} as Parameters<Witness['ran']>[0]

const tls = await tlsSettings()

/** What it can get wrong over another transport alone. */
const BROKEN_OVER: readonly (readonly [
  what: string,
  broken: Mount,
  noticed: RegExp,
  over: Pick<AdapterConformanceOptions, 'http2' | 'tls'>,
])[] = [
  [
    'takes TLS for a connection in clear',
    (gate, witness) => before(nodeHttp(gate, witness), (req) => overlay(req, { encrypted: false })),
    /an open route answers, with security and CORS fields/,
    { tls },
  ],
  [
    'does not hand on the certificate of the client',
    (gate, witness) => before(nodeHttp(gate, witness), (req) => overlay(req, { authorized: false })),
    /bound to the certificate of the client opens what it should/,
    { tls },
  ],
  [
    'knows no requests but those of node:http',
    (gate, witness) => {
      const app = nodeHttp(gate, witness)
      return (req, res) => (req instanceof IncomingMessage ? app(req, res) : void res.writeHead(500).end())
    },
    /broken: HTTP without a token is 401/,
    { http2: true },
  ],
  [
    'answers for a method that its router does not know before the gate is asked',
    (gate, witness) => instead(nodeHttp(gate, witness), ({ method }) => method === 'NONE'),
    /a method that nobody knows is 405/,
    { http2: true },
  ],
  [
    'takes HTTP/2 over TLS for a connection in clear',
    (gate, witness) => before(nodeHttp(gate, witness), (req) => overlay(req, { encrypted: false })),
    /an open route answers, with security and CORS fields/,
    { http2: true, tls },
  ],
]

describe('the suite of adapters', () => {
  for (const [what, broken, noticed] of BROKEN) {
    test(`DEP-02: notices an adapter that ${what}`, async () => {
      const { checks, close } = adapterChecks({ name: 'broken', mount: broken, patience: 100 })
      const those = checks.filter(({ title }) => noticed.test(title))
      const failed: string[] = []
      for (const { title, run } of those) await run().catch(() => failed.push(title))
      await close()
      assert.ok(those.length > 0, 'no check is called so')
      assert.ok(failed.length > 0, `none of these failed: ${those.map(({ title }) => title).join('; ')}`)
    })
  }

  for (const [what, broken, noticed, over] of BROKEN_OVER) {
    test(`DEP-02: notices an adapter that ${what}`, async () => {
      const { checks, close } = adapterChecks({ name: 'broken', mount: broken, ...over })
      const noticing = checks.filter(({ title }) => noticed.test(title))
      assert.equal(noticing.length, 1)
      await assert.rejects(async () => noticing[0]?.run(), { name: 'AssertionError' })
      await close()
    })
  }

  test('DEP-02: the titles of its checks are all different, and begin with what they hold', () => {
    const titles = adapterChecks({ name: 'node:http', mount: nodeHttp }).checks.map(({ title }) => title)
    assert.equal(new Set(titles).size, titles.length)
    for (const title of titles) assert.match(title, /^[A-Z]{2,4}-\d\d: node:http: /)
  })
})

/** The functions of a gate, to be replaced one by one. */
function bound(gate: Parameters<Mount>[0]): Parameters<Mount>[0] {
  return new Proxy(gate, {
    ownKeys: () => Reflect.ownKeys(Object.getPrototypeOf(gate) as object),
    getOwnPropertyDescriptor: (_target, key) => ({
      configurable: true,
      enumerable: key !== 'constructor',
      value: bindTo(gate, key),
    }),
    get: (_target, key) => bindTo(gate, key),
  })
}

function bindTo(gate: Parameters<Mount>[0], key: string | symbol): unknown {
  const member: unknown = Reflect.get(gate, key, gate)
  return typeof member === 'function' ? (member.bind(gate) as unknown) : member
}

/** An app in front of which something happens. */
function before(
  listener: RequestListener,
  happens: (req: IncomingMessage, res: ServerResponse) => void,
): RequestListener {
  return (req, res) => {
    happens(req, res)
    listener(req, res)
  }
}

/** An app in front of which some requests are answered. */
function instead(listener: RequestListener, answers: (req: IncomingMessage) => boolean): RequestListener {
  return (req, res) => (answers(req) ? void res.end('{"ok":true}') : listener(req, res))
}

/** Puts something else in the place of what the socket of a request says. */
function overlay(req: IncomingMessage, says: Readonly<Record<string, unknown>>): void {
  const { socket } = req
  const get = (_target: object, name: string): unknown =>
    name in says ? says[name] : Reflect.get(socket, name)
  Object.defineProperty(req, 'socket', { value: new Proxy({}, { get }) })
}

function hideFields(res: ServerResponse): void {
  const end = res.end.bind(res)
  res.end = ((...args: Parameters<typeof end>) => {
    res.writeHead = Object.getPrototypeOf(res).writeHead as typeof res.writeHead
    return end(...args)
  }) as typeof end
}

function holdBack(res: ServerResponse): void {
  const end = res.end.bind(res)
  let held = ''
  res.write = ((piece: unknown) => {
    held += String(piece)
    return true
  }) as typeof res.write
  res.end = ((piece?: unknown) => end(typeof piece === 'string' ? held + piece : held)) as typeof end
}
