import type { Check } from './check.ts'
import { type Answer, fieldOf } from './http.ts'
import type { Site } from './site.ts'

const DAY = 86_400_000
const YEAR_SECONDS = 31_536_000

/** Https, certificates, and the keys of issuers. */
export const TLS_CHECKS: readonly Check<Site>[] = [
  {
    code: 'site.in-clear',
    severity: 'error',
    title: 'The API answers over plain http.',
    why: 'Tokens, cookies and answers cross the network in clear, for everybody on the way to read and change.',
    instead: "https: 'redirect'",
    reference: 'docs/checks/https.md',
    *find({ isHttps, isLocal, plain, url }) {
      if (!isHttps && !isLocal && !sendsToHttps(plain) && plain.status < 400) yield { where: url.origin }
    },
  },
  {
    code: 'site.no-redirect',
    severity: 'error',
    title: 'Plain http is neither redirected nor refused.',
    why: 'Whoever types the name, or follows an old link, is served in clear.',
    instead: "https: 'redirect'",
    reference: 'docs/checks/https.md',
    *find({ clear }) {
      if (clear !== undefined && clear.status < 400 && !sendsToHttps(clear))
        yield { where: clear.url, detail: `It answers ${clear.status}.` }
    },
  },
  {
    code: 'site.redirect-temporary',
    severity: 'info',
    title: 'The redirect to https is a temporary one.',
    why: 'Clients come back in clear each time; 308 is remembered, and keeps the method.',
    instead: "https: 'redirect'",
    reference: 'docs/checks/https.md (RFC 9110 §15.4.9)',
    *find({ clear }) {
      if (clear !== undefined && sendsToHttps(clear) && [302, 303, 307].includes(clear.status))
        yield { where: clear.url, detail: `It answers ${clear.status}.` }
    },
  },
  {
    code: 'site.no-hsts',
    severity: 'error',
    title: 'There is no Strict-Transport-Security.',
    why: 'Each first request of a visit can be taken over before it is redirected.',
    instead: "https: { hsts: { maxAge: '365d', includeSubDomains: true } }",
    reference: 'docs/checks/https.md (RFC 6797)',
    *find({ isHttps, isLocal, plain }) {
      // RFC 6797 §8.1.1: no browser notes an address, and noted for localhost it would break what else runs there.
      if (isHttps && !isLocal && fieldOf(plain, 'strict-transport-security') === undefined)
        yield { where: plain.url }
    },
  },
  {
    code: 'site.hsts-short',
    severity: 'warning',
    title: 'Strict-Transport-Security is for less than a year, or cannot be read.',
    why: 'Whoever comes back later comes in clear again; what cannot be read is ignored.',
    instead: 'Strict-Transport-Security: max-age=31536000; includeSubDomains',
    reference: 'docs/checks/https.md (RFC 6797 §6.1)',
    *find({ isHttps, plain }) {
      const field = fieldOf(plain, 'strict-transport-security')
      if (!isHttps || field === undefined) return
      const [, seconds] = /(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)/i.exec(field) ?? []
      if (seconds === undefined || Number(seconds) < YEAR_SECONDS)
        yield { where: plain.url, detail: `It is "${field}".` }
    },
  },
  {
    code: 'site.tls-untrusted',
    severity: 'error',
    title: 'The certificate is not trusted.',
    why: 'Clients refuse it, or learn to look away, and then do so for the certificate of an attacker, too.',
    instead:
      'A certificate of an authority that clients know, for this very name; --ca FILE for one of your own.',
    reference: 'RFC 9525',
    *find({ tls, url }) {
      if (tls?.untrusted !== undefined) yield { where: url.origin, detail: `It is: ${tls.untrusted}.` }
    },
  },
  {
    code: 'site.certificate-ends',
    severity: 'warning',
    title: 'The certificate is about to expire.',
    why: 'Whatever should have renewed it has not, and from that day on no client gets in.',
    instead: 'Renew it, and look why that did not happen by itself.',
    reference: 'RFC 5280 §4.1.2.5',
    *find({ tls, url, now }) {
      if (tls?.expires === undefined) return
      const days = Math.floor((tls.expires.getTime() - now.getTime()) / DAY)
      if (days < 14)
        yield { where: url.origin, detail: days < 0 ? 'It has expired.' : `It has ${days} days left.` }
    },
  },
  {
    code: 'site.tls-old',
    severity: 'error',
    title: 'An old version of TLS is taken.',
    why: 'TLS 1.0 and 1.1 rest on digests that are broken, and RFC 8996 forbids them.',
    instead: "createServer({ minVersion: 'TLSv1.2' })",
    reference: 'RFC 8996',
    *find({ tls, url }) {
      if (tls?.outdated !== undefined) yield { where: url.origin, detail: `It takes ${tls.outdated}.` }
    },
  },
  {
    code: 'site.tls-no-13',
    severity: 'info',
    title: 'TLS 1.3 is not spoken.',
    why: 'It is faster, and has nothing left that could be chosen badly.',
    instead: "Leave maxVersion out, or write maxVersion: 'TLSv1.3'.",
    reference: 'RFC 8446',
    *find({ tls, url }) {
      if (tls?.protocol !== undefined && tls.protocol !== 'TLSv1.3')
        yield { where: url.origin, detail: `It speaks ${tls.protocol}.` }
    },
  },
  {
    code: 'site.tls-weak-key',
    severity: 'error',
    title: 'The key of the certificate is too short.',
    why: 'An RSA key of less than 2048 bits can be computed by those who can pay for it.',
    instead: 'A key of ECDSA P-256, or of RSA with 2048 bits or more.',
    reference: 'NIST SP 800-57, part 1',
    *find({ tls, url }) {
      if (tls?.keyType === 'rsa' && tls.keyBits !== undefined && tls.keyBits < 2048)
        yield { where: url.origin, detail: `It has ${tls.keyBits} bits.` }
    },
  },
  {
    code: 'site.issuer-unreachable',
    severity: 'error',
    title: 'The metadata of the issuer cannot be read.',
    why: 'Without its keys no token can be verified: every caller is answered with 503.',
    instead: "issuer: 'https://id.example.com' // as it is spelt in the tokens",
    reference: 'docs/checks/jwt.md (RFC 8414)',
    *find({ issuers }) {
      for (const { issuer, metadata } of issuers) if (metadata === undefined) yield { where: issuer }
    },
  },
  {
    code: 'site.issuer-differs',
    severity: 'error',
    title: 'The metadata are those of another issuer.',
    why: 'RFC 8414 §3.3: they must not be used then, and the tokens will name the other one.',
    instead: 'issuer: as the metadata spell it, down to a slash at the end',
    reference: 'docs/checks/jwt.md (RFC 8414 §3.3)',
    *find({ issuers }) {
      for (const { issuer, metadata } of issuers)
        if (metadata !== undefined && metadata.issuer !== issuer)
          yield { where: issuer, detail: `The metadata at ${metadata.url} name another.` }
    },
  },
  {
    code: 'site.jwks-unreachable',
    severity: 'error',
    title: 'The keys of the issuer cannot be read.',
    why: 'Without them no token can be verified: every caller is answered with 503.',
    instead: 'keys: remoteKeys({ url }) // where the issuer has them',
    reference: 'docs/checks/jwt.md (RFC 7517)',
    *find({ issuers }) {
      for (const { issuer, metadata, keys } of issuers)
        if (metadata !== undefined && keys === undefined) yield { where: metadata.jwksUri ?? issuer }
    },
  },
  {
    code: 'site.jwks-in-clear',
    severity: 'error',
    title: 'The keys of the issuer come over plain http.',
    why: 'Whoever sits between can put in a key of his own, and sign every token that the API accepts.',
    instead: 'jwks_uri: an https URL',
    reference: 'docs/checks/jwt.md (RFC 8414 §2)',
    *find({ issuers }) {
      for (const { metadata } of issuers)
        if (metadata?.jwksUri?.startsWith('http:') === true) yield { where: metadata.jwksUri }
    },
  },
  {
    code: 'site.jwks-weak',
    severity: 'error',
    title: 'A key of the issuer is too short.',
    why: 'Whoever computes it signs tokens for every account. RFC 7518 §3.3 asks for 2048 bits.',
    instead: 'gatehouse keys ed25519',
    reference: 'docs/checks/jwt.md (RFC 7518 §3.3)',
    *find({ issuers }) {
      for (const { issuer, metadata, keys } of issuers)
        for (const { bits, kid } of keys ?? [])
          if (bits !== undefined && bits < 2048)
            yield {
              where: metadata?.jwksUri ?? issuer,
              detail: `The key ${kid ?? 'without a name'} has ${bits} bits.`,
            }
    },
  },
  {
    code: 'site.jwks-secret',
    severity: 'error',
    title: 'The issuer publishes a key that must be secret.',
    why: 'Everybody can sign tokens with it. Change it now.',
    instead: 'Publish the public half alone: gate endpoints do so by themselves.',
    reference: 'docs/guides/token-endpoint.md (RFC 7517 §9.2)',
    *find({ issuers }) {
      for (const { issuer, metadata, keys } of issuers)
        for (const { isSecret, kid } of keys ?? [])
          if (isSecret)
            yield { where: metadata?.jwksUri ?? issuer, detail: `It is the key ${kid ?? 'without a name'}.` }
    },
  },
  {
    code: 'site.jwks-no-kid',
    severity: 'warning',
    title: 'Keys of the issuer cannot be told apart.',
    why: 'Without a kid of its own for each key a new one cannot be brought in beside the old one.',
    instead: 'kid: a name for each key, such as its thumbprint (RFC 7638)',
    reference: 'docs/checks/jwt.md (RFC 7517 §4.5)',
    *find({ issuers }) {
      for (const { issuer, metadata, keys } of issuers) {
        const names = (keys ?? []).map(({ kid }) => kid)
        if (names.includes(undefined) || new Set(names).size < names.length)
          yield { where: metadata?.jwksUri ?? issuer }
      }
    },
  },
]

function sendsToHttps(answer: Answer): boolean {
  const to = fieldOf(answer, 'location')
  return (
    answer.status >= 300 &&
    answer.status < 400 &&
    to !== undefined &&
    URL.canParse(to, answer.url) &&
    new URL(to, answer.url).protocol === 'https:'
  )
}
