/** What documents import from `../src/app.ts`. */
import type { RequestListener } from 'node:http'
import type { Gate, JwtPrincipal } from '../../../../src/index.ts'

export function appBehind(gate: Gate<JwtPrincipal>): RequestListener {
  return gate.handler((_req, res) => res.end('ok'))
}
