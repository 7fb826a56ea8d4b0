/** What documents import from `../src/app.ts`. */
import type { RequestListener } from 'node:http'
import type { Gate, JwtPrincipal } from '../../../../src/index.ts'
import type { Witness } from '../../../../../testkit/src/index.ts'

export function appBehind(gate: Gate<JwtPrincipal>, witness: Witness): RequestListener {
  return gate.handler((_req, res, pass) => {
    witness.ran(pass)
    res.end('ok')
  })
}
