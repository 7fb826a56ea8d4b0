import { generateKeyPairSync } from 'node:crypto'
import { signJwt } from '@gatehouse/core'
import type { Token } from './requests.ts'

/** As much of a Keycloak as its tokens need. */
export interface Realm {
  /** The public key, as the console of Keycloak shows it. */
  readonly key: string
  readonly mint: (kind: Token) => string
}

/** A realm `staff` with a key of its own. */
export function makeRealm(): Realm {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  return {
    key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    mint(kind) {
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: 'https://sso.example.com/realms/staff',
        aud: 'orders',
        sub: 'alice',
        azp: 'web',
        typ: 'Bearer',
        realm_access: { roles: ['reader'] },
        iat: now - 60,
        exp: now + 3600,
        ...CLAIMS[kind],
      }
      return signJwt(claims, { key: { alg: 'RS256', key: kind === 'forged' ? other : privateKey } })
    },
  }
}

/** What each kind of token has that a good one has not. */
const CLAIMS: Readonly<Record<Token, object>> = {
  good: {},
  forged: {},
  expired: { exp: 1_700_000_000 },
  'of another API': { aud: 'invoices' },
  'without the scope': { realm_access: { roles: ['guest'] } },
}
