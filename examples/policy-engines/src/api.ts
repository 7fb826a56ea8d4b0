import type { ServerResponse } from 'node:http'
import type { Gate, Handler, JwtPrincipal } from '@gatehouse/core'
import type { Article, Articles } from './articles.ts'

/** The API. Nothing here asks who may do what: whoever gets here has passed the gate. */
export function api(gate: Gate<JwtPrincipal>, articles: Articles): Handler<JwtPrincipal> {
  return async (req, res, { rule, params }) => {
    const id = params['id'] ?? ''
    // An article may be gone since the gate looked at it. A database would decide and change in one transaction.
    switch (rule) {
      case 'GET /articles/:id':
        return sendArticle(res, await articles.find(id))
      case 'PUT /articles/:id/published':
        return sendArticle(res, await articles.publish(id))
      case 'DELETE /articles/:id':
        res.writeHead((await articles.remove(id)) ? 204 : 404).end()
        return
      default:
        gate.notFound(req, res)
    }
  }
}

function sendArticle(res: ServerResponse, article: Article | undefined): void {
  if (article === undefined) res.writeHead(404).end()
  else res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(article))
}
