import { guide, side } from './support/guide.ts'
import { makeRealm } from './support/realm.ts'

const realm = makeRealm()
process.env['REALM_KEY'] = realm.key

guide({
  page: 'keycloak-connect',
  without: ['COR', 'RL'],
  name: 'keycloak-connect',
  files: ['keycloak/old.ts', 'keycloak/new.ts'],
  before: async () => side((await import('../src/keycloak/old.ts')).server),
  after: async () => side((await import('../src/keycloak/new.ts')).server),
  mint: realm.mint,
  why: {
    'no token': 'Who did not say who is calling is told to: 401 and a challenge (RFC 9110 §15.5.2).',
    'no token, allowed page': 'The same.',
    'forged token': 'A token that is not good is 401 `invalid_token` (RFC 6750 §3.1).',
    'expired token': 'The same: clients renew their token at a 401.',
    'token for another API':
      'Without `verify-token-audience` a token for any client of the realm is good. Here `audience` must be said.',
    'Basic credentials': 'No token: the same as without.',
    preflight: 'No `cors` is said: OPTIONS is a request like any other, and needs a caller.',
    'preflight, other page': 'The same.',
    'preflight for DELETE': 'The same.',
    'over it, forged tokens': 'No limit on either side; the token is not good.',
    allow: 'Express answered OPTIONS by itself.',
  },
})
