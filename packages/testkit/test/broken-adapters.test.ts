import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { nodeHttp } from '../src/adapter/reference.ts'
import { adapterChecks, type Mount } from '../src/index.ts'

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
    (gate) =>
      nodeHttp({
        ...bound(gate),
        handler: (handle) =>
          gate.handler((req, res, pass) => {
            try {
              return handle(req, res, pass)
            } catch (error) {
              return res.writeHead(500).end(String(error))
            }
          }),
      }),
    /500 is a problem, and says nothing/,
  ],
  [
    'has a page of its own for what is not found',
    (gate) => nodeHttp({ ...bound(gate), notFound: (_req, res) => void res.writeHead(404).end('Not Found') }),
    /404 is a problem/,
  ],
  [
    'forgets the rules of its routes',
    (gate) => nodeHttp({ ...bound(gate), allow: () => (req) => gate.passOf(req) }),
    /rule of the framework's own route refuses/,
  ],
  [
    'writes around the fields of the gate',
    (gate) => before(nodeHttp(gate), (_req, res) => hideFields(res)),
    /an open route answers, with security and CORS fields/,
  ],
  [
    'hands on another target than came in',
    (gate) =>
      before(nodeHttp(gate), (req) => {
        req.url = req.url?.replace(/\?.*$/, '') ?? '/'
      }),
    /a query with a prototype is 400/,
  ],
  [
    'joins fields that came twice',
    (gate) =>
      before(nodeHttp(gate), (req) => {
        const at = req.rawHeaders.findLastIndex((text) => text.toLowerCase() === 'authorization')
        if (at !== -1) req.rawHeaders.splice(at, 2)
      }),
    /two Authorization fields are 400/,
  ],
  [
    'answers for a handler that never does',
    (gate) => before(nodeHttp(gate), (req, res) => void (req.url === '/late' && res.end('late'))),
    /does not answer in time is 503/,
  ],
]

describe('the suite of adapters', () => {
  for (const [what, broken, noticed] of BROKEN) {
    test(`DEP-02: notices an adapter that ${what}`, async () => {
      const { checks, close } = adapterChecks({ name: 'broken', mount: broken })
      const failed: string[] = []
      for (const { title, run } of checks) await run().catch(() => failed.push(title))
      await close()
      assert.ok(
        failed.some((title) => noticed.test(title)),
        `only these failed: ${failed.join('; ')}`,
      )
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

function hideFields(res: ServerResponse): void {
  const end = res.end.bind(res)
  res.end = ((...args: Parameters<typeof end>) => {
    res.writeHead = Object.getPrototypeOf(res).writeHead as typeof res.writeHead
    return end(...args)
  }) as typeof end
}
