// Compiled, never run: what the types of combined schemes carry through to a handler.
import {
  allOf,
  type AllOfPrincipal,
  anyOf,
  apiKey,
  type ApiKeyPrincipal,
  basic,
  type BasicPrincipal,
  bearer,
  type BearerPrincipal,
  gatehouse,
} from '@gatehouse/core'
import { assertType, type Equals } from '../support/types.ts'

const hosts = ['api.example.com']
const key = apiKey({ keys: [] })
const partner = apiKey({ name: 'partner', keys: [] })
const user = basic({ verify: () => undefined })
const session = bearer({ verify: () => ({ subject: 'u', claims: { tenant: 't' } }) })

gatehouse({ hosts, authenticate: allOf(key, user) }).handler((_req, _res, { principal }) => {
  assertType<Equals<typeof principal, AllOfPrincipal<readonly [ApiKeyPrincipal, BasicPrincipal]>>>()
  const [first, second] = principal.principals
  assertType<Equals<typeof first, ApiKeyPrincipal>>()
  assertType<Equals<typeof second, BasicPrincipal>>()
  // @ts-expect-error: there are two
  return principal.principals[2]
})

gatehouse({ hosts, authenticate: anyOf(allOf(key, user), partner, session) }).handler(
  (_req, _res, { principal }) => {
    if (principal.scheme === 'allOf') assertType<Equals<(typeof principal.principals)[0], ApiKeyPrincipal>>()
    else if (principal.scheme === 'partner')
      assertType<Equals<typeof principal, ApiKeyPrincipal<'partner'>>>()
    else assertType<Equals<typeof principal, BearerPrincipal<{ tenant: string }>>>()
  },
)

gatehouse({ hosts, authenticate: bearer({ verify: () => ({ subject: 'u' }) }) }).handler(
  (_req, _res, { principal }) => {
    assertType<Equals<typeof principal, BearerPrincipal>>()
  },
)
