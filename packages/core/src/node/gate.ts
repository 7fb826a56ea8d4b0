import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { Coverage } from '../chain/coverage.ts'
import type { PolicyDescription } from '../chain/describe-policy.ts'
import type { RouteDescription } from '../chain/describe.ts'
import type { Asked } from '../chain/asked.ts'
import type { Explanation } from '../chain/explain.ts'
import type { OpenApiDocument } from '../chain/openapi.ts'
import type { Rule } from '../chain/policy.ts'
import type { SecurityEvent } from '../contract/event.ts'
import type { PolicyLimit } from '../contract/limits.ts'
import type { Pass } from '../contract/pass.ts'
import type { Principal } from '../contract/principal.ts'
import type { HttpServer } from './http2-sessions.ts'
import type { ServerLimits } from './server-limits.ts'
import type { ProxyFinding } from './check-proxy.ts'

/** What runs behind the gate: a listener of node:http that is handed the pass of its request as well. */
export type Handler<P extends Principal> = (
  req: IncomingMessage,
  res: ServerResponse,
  pass: Pass<P>,
) => unknown

/**
 * A listener for `createServer` of node:http, node:https and node:http2 alike. The requests of node:http2 come to a handler
 * as those of node:http: it gives them the same members, and the fields that HTTP/2 does not have are left out.
 */
export interface Listener {
  (req: Http2ServerRequest, res: Http2ServerResponse): void
  (req: IncomingMessage, res: ServerResponse): void
}

/** What takes over the connection of an upgrade: a WebSocket server, say. */
export type UpgradeHandler<P extends Principal> = (
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  pass: Pass<P>,
) => unknown

/** What the gate gives for a request: its pass, or `undefined` when it was refused and has been answered. */
export type Admitted<P extends Principal> = Pass<P> | undefined | Promise<Pass<P> | undefined>

/**
 * A compiled policy.
 *
 * @typeParam P who calls, by the policy's `authenticate`; `never` when it authenticates nobody
 */
export interface Gate<P extends Principal = Principal> {
  /**
   * Puts the gate before a handler: what comes out is a listener for `createServer` of node:http, node:https and node:http2.
   * A handler that throws or
   * rejects is answered with a 500 problem that says nothing of it.
   *
   * @example
   * createServer(gate.handler((req, res, pass) => res.end(`Hello ${pass.principal.subject}`)))
   */
  readonly handler: (handle: Handler<P>) => Listener
  /**
   * Puts the gate before an upgrade: what comes out is a listener for the event `upgrade` of a server. The whole policy is
   * run; what is refused gets a response as every other request, and then the connection ends. A page of another origin
   * gets through only where it is trusted: by `crossSite`, or by `cors` as far as that lets it act.
   *
   * Whatever lasts as long as a response lasts as long as the socket: permits of concurrency, the signal of the pass.
   *
   * @example
   * server.on('upgrade', gate.upgrade((req, socket, head, pass) => {
   *   sockets.handleUpgrade(req, socket, head, (ws) => serve(ws, pass.principal))
   * }))
   */
  readonly upgrade: (
    handle: UpgradeHandler<P>,
  ) => (req: IncomingMessage, socket: Duplex, head: Buffer) => void
  /**
   * For adapters: runs the whole policy on a request. Gives the pass of a request that got through; `undefined` when
   * it did not, and then the response has been sent. Asked again about the same request, it gives the same pass.
   *
   * @param target the request-target that came in, where a framework rewrites `req.url` (Express mounts)
   */
  readonly admit: (req: IncomingMessage, res: ServerResponse, target?: string) => Admitted<P>
  /**
   * Compiles a rule for one route of a framework: it runs after {@link Gate.admit} and adds to what the policy asked.
   * It narrows and never opens, so a route that nobody gave a rule is guarded by the policy all the same.
   *
   * @param name how events and limits call the rule: the route, say; `route 1`, `route 2`, ... unless given
   * @throws ConfigError when the rule asks for nothing, or tries to open the route
   */
  readonly allow: (rule: Rule<P>, name?: string) => (req: IncomingMessage, res: ServerResponse) => Admitted<P>
  /**
   * The pass of a request that got through.
   *
   * @throws TypeError when the gate never admitted this request: the guard is not in front of the handler
   */
  readonly passOf: (req: IncomingMessage) => Pass<P>
  /**
   * For adapters: answers for a handler that threw. An error with a 4xx `status` (or `statusCode`) keeps that status,
   * every other is a 500; no word of the error reaches the client. A response that is under way is cut off, so that
   * half an answer is not taken for a whole one.
   */
  readonly fail: (req: IncomingMessage, res: ServerResponse, error: unknown) => void
  /** For adapters: answers for a path that the framework has no route for. */
  readonly notFound: (req: IncomingMessage, res: ServerResponse) => void
  /**
   * Puts limits on a server, so that slow and greedy clients take no more of it than they should: how long a request may take
   * to arrive, and a response to be read, how large a header section may be, how many connections there are. And answers
   * what node:http refuses before there is a request (malformed bytes, header overflow, slow headers, a missing `Host`, an
   * unknown `Expect`) with the same problems and fields as everything else. Gives the server back; to be called before it
   * listens.
   *
   * @throws ConfigError with every mistake in the limits at once
   * @example
   * gate.attach(createServer(gate.handler(handle))).listen(3000)
   */
  readonly attach: <S extends HttpServer>(server: S, limits?: ServerLimits) => S
  /**
   * Sends a request to this server, by the way that clients take, with forwarding fields that a client has no business to
   * write, and says what is wrong with what arrives: a made-up address that is believed, a proxy that the policy does not
   * know, a scheme or a host that is lost on the way. Each finding is told as an event, too.
   *
   * For the start of a server, once it listens. It asks the one server that the URL leads to, and sees no more than that
   * way; with several processes the answer may come from another one. It never throws for what is found.
   *
   * @param url the URL under which clients reach this server
   * @param options `timeout`: how long an answer may take, in milliseconds; 5000 unless given
   * @throws TypeError for what is no URL of http
   * @example
   * for (const { message, instead } of await gate.checkProxy('https://api.example.com/')) console.error(message, instead)
   */
  readonly checkProxy: (
    url: string,
    options?: { readonly timeout?: number },
  ) => Promise<readonly ProxyFinding[]>
  /**
   * Says why a request would be let through by authorization, or would not: which rule binds it, and what each part of
   * the rule says. It asks the parts that the check asks, functions of the policy included, and tells nobody.
   *
   * @example
   * await gate.explain({ method: 'DELETE', path: '/orders/7', principal: alice })
   * // { rule: 'DELETE /orders/:id', allowed: false, parts: [..., { part: 'roles', holds: false, why: 'has none of ...' }] }
   */
  readonly explain: (asked: Asked<P>) => Promise<Explanation>
  /**
   * Every rule: those of the policy, the one of what no pattern binds, and those that {@link Gate.allow} added so far.
   * `formatRoutes` prints them.
   */
  readonly routes: () => readonly RouteDescription[]
  /**
   * The policy as it was compiled, for tools that judge it, such as `gatehouse doctor`: its options where they can be no
   * secret, its rules in full, its roles.
   */
  readonly describe: () => PolicyDescription
  /**
   * Which rule binds each route of a framework, and which routes nobody gave a rule. Such a route is not open: it has
   * the default, which asks for a caller and nothing more.
   *
   * @throws TypeError for what is no route
   * @example
   * assert.deepEqual(gate.coverage(['GET /orders/:id', 'POST /orders']).unruled, [])
   */
  readonly coverage: (routes: readonly string[]) => Coverage
  /**
   * A limit of the policy or of its rules, for keys by name and outside of a request: to look at it, to lift a ban, to give
   * units or to take them.
   *
   * @throws TypeError when there is no limit of that name
   * @example
   * await gate.limit('login').of('203.0.113.7').reset()
   */
  readonly limit: (name: string) => PolicyLimit
  /**
   * Writes what the policy enforces into an OpenAPI 3.1 document: `components.securitySchemes`, and the `security` of
   * each operation. A document of your own keeps everything else; without one, the routes of the policy make one.
   *
   * @example
   * const document = gate.openapi({ openapi: '3.1.1', info: { title: 'Orders', version: '1' }, paths })
   */
  readonly openapi: (document?: OpenApiDocument) => OpenApiDocument
  /** Emits `event` with a {@link SecurityEvent} for each decision, after the fact. */
  readonly events: EventEmitter<{
    /** Every decision and every warning, requests that were allowed included. */
    event: [SecurityEvent]
  }>
  /** Delivers the events that wait and releases the store. Idempotent. */
  readonly close: () => Promise<void>
}
