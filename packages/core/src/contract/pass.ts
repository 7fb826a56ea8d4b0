import type { Decision } from './decision.ts'
import type { Kind } from './kinds.ts'
import type { RequestLimit } from './limits.ts'
import type { Principal } from './principal.ts'
import type { Query } from './query.ts'

/**
 * What a request that got through carries to its handler.
 *
 * @typeParam P the principal type of the policy's `authenticate`; `never` for a policy that authenticates nobody
 */
export interface Pass<P extends Principal = Principal> {
  /** Identifies this request in events and problems. */
  readonly id: string
  /** The client's address by the policy's proxy setting; `undefined` when it cannot be determined. */
  readonly client: string | undefined
  /** The method that the rules were matched on: the one of `req.method`, also where `request.methodOverride` changed it. */
  readonly method: string
  /** `https` when the connection, or a trusted proxy, says so. */
  readonly scheme: 'http' | 'https'
  /**
   * The host that was asked for, and its port if one was: in lower case, IPv6 in brackets. By the policy's proxy setting;
   * `undefined` where the policy lets requests in without one.
   */
  readonly host: string | undefined
  /** The path that the rules were matched on: as it was sent, without the query, and whatever `Host` says. */
  readonly path: string
  /** The query, read in one way; read when it is asked for. */
  readonly query: Query
  /** The pattern of the rule that let the request through, or `default`. */
  readonly rule: string
  /** Parts of the path that the rule named: `/users/:id` gives `id`, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** Whether somebody is authenticated: false on public routes. */
  readonly authenticated: boolean
  /**
   * Who is calling.
   *
   * @throws TypeError on a public route, where nobody is known: a handler that needs a caller must not run without
   * one because a rule was made public. Ask {@link Pass.authenticated} first where both can be.
   */
  readonly principal: P
  /**
   * The object that the rule loaded and decided about (`object: { load, ... }`): this very one, so that a handler need
   * not load it again and find another.
   *
   * @throws TypeError when the rule loads none
   */
  readonly object: unknown
  /**
   * The content of the request, where the rule has the gate read it (`content: 'json'`): what the JSON says, or the fields
   * of a form as an object without a prototype. `undefined` when there was none, or the handler reads it itself.
   */
  readonly content: unknown
  /**
   * Says what a handler decided about the object that it loaded itself, under a rule with `object: 'handler'`; gives
   * back whether it is allowed. Say it before the response begins. A no is final: after it no success can be answered,
   * so of a list say one thing, once it is filtered. What a {@link Decision} says besides goes to the log.
   *
   * @example
   * if (!pass.decide(order.customer === pass.principal.subject)) return void res.writeHead(404).end()
   */
  readonly decide: (allowed: boolean | Decision) => boolean
  /**
   * {@link Pass.decide} by ownership: allowed when the caller's subject is this one, or among these.
   *
   * @example
   * if (!pass.owns(order.customer)) return void res.writeHead(404).end()
   */
  readonly owns: (subject: string | readonly string[] | undefined) => boolean
  /**
   * Tells an event of the handler's own under this request: a login that failed, say. The token endpoint does.
   *
   * @param kind a row of the table of kinds
   * @param reason why, for the log; never a secret
   * @param account the account that somebody tried to log in to, as they wrote it: the event has a keyed hash of it
   * @example
   * pass.tell('refused', 'credentials.wrong', 'the second factor was wrong', username)
   */
  readonly tell: (
    outcome: 'allowed' | 'refused' | 'warning',
    kind: Kind,
    reason: string,
    account?: string,
  ) => void
  /**
   * A limit that this request was counted by: to settle what it has cost in the end, to punish or reward its client or
   * caller.
   *
   * Of a limit that has not counted the request, since it is exempt or the store failed and the limit is open, nothing is
   * taken or given.
   *
   * @param name the `name` of the limit, `'default'` for the one of the policy that has none
   * @throws TypeError when the rule of the request has no limit of that name
   * @example
   * await pass.limit('login').penalize(5)
   */
  readonly limit: (name: string) => RequestLimit
  /**
   * A nonce for the scripts and styles of this response: at least 128 bits from a secure source, in characters that HTML
   * attributes take as they are, the same one each time it is asked for. The policy of the response names it, and the
   * response is not stored. Ask before the response begins.
   *
   * @throws TypeError when the policy of the route has no `'nonce'`, or the response is on its way
   * @example
   * res.end(`<script nonce="${pass.nonce}">start()</script>`)
   */
  readonly nonce: string
  /**
   * Aborts when the client goes away before the response is complete, and with a `TimeoutError` when the `timeout` of the
   * rule is over: hand it to whatever the handler waits for.
   */
  readonly signal: AbortSignal
}
