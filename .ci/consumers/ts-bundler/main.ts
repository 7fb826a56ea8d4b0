import { ConfigError, gatehouse, type Gate, jwt, type JwtPrincipal } from '@gatehouse/core'

interface Claims {
  readonly tenant: string
}

const gate: Gate<JwtPrincipal<Claims>> = gatehouse({
  hosts: ['api.example.com'],
  authenticate: jwt<Claims>({
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    keys: { alg: 'HS256', key: 'a secret of thirty-two bytes, yes' },
  }),
  routes: { '/tenant': { when: (principal) => principal.claims.tenant === 'a' } },
})
gate.handler((_req, res, pass) => res.end(pass.principal.claims.tenant))

try {
  gatehouse({ hosts: [], public: 'open data' })
  throw new Error('a policy without hosts was built')
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
}
