import {
  allowedBy,
  type Gate,
  gatehouse,
  jwt,
  type JwtPrincipal,
  type Observer,
  type PolicyEngine,
  type Predicate,
  type TokenIssuerOptions,
} from '@gatehouse/core'
import type { Articles } from './articles.ts'

/** What the policy needs to know of the place it runs in. */
export interface Setting {
  readonly port: number
  readonly engine: PolicyEngine
  readonly articles: Articles
  /** Who issues the tokens, for whom, and with which key. */
  readonly issuer: TokenIssuerOptions
  readonly observe: Observer
}

/** Who calls is the gate's to know; what they may do with which article, the engine's. */
export function articlesGate({ port, engine, articles, issuer, observe }: Setting): Gate<JwtPrincipal> {
  /** Loads the article that the path names: only so can a decision be about this one, and not about all. */
  const may = (action: string): Predicate =>
    allowedBy(engine, async ({ params }) => {
      const article = await articles.find(params['id'] ?? '')
      if (article === undefined) return undefined
      const { id, author, published } = article
      return { action, resource: { type: 'Article', id, attributes: { author, published } } }
    })

  return gatehouse({
    hosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    https: 'dangerouslyAllowHttp', // on this machine; leave it out where others call
    rateLimit: { limit: 100, window: '1m' },
    authenticate: jwt({ issuer: issuer.issuer, audience: issuer.audience, keys: issuer.key }),
    // 404 throughout: with 403 a stranger could try ids, and learn which drafts exist.
    routes: {
      'GET /articles/:id': { when: may('read'), deniedAs: 404 },
      'PUT /articles/:id/published': { when: may('edit'), deniedAs: 404 },
      'DELETE /articles/:id': { when: may('delete'), deniedAs: 404 },
    },
    observe,
  })
}
