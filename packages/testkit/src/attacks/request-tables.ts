/*
 * What attackers write into requests, as data: the tests of core and `requestAttacks` build requests of it.
 */

/** Ways to tell a router another method than the gate saw: field lines, and a query. */
export const METHOD_OVERRIDES: readonly (readonly [
  name: string,
  fields: readonly string[],
  query?: string,
])[] = [
  ['X-HTTP-Method-Override', ['X-HTTP-Method-Override', 'DELETE']],
  ['X-HTTP-Method', ['X-HTTP-Method', 'DELETE']],
  ['X-Method-Override', ['X-Method-Override', 'DELETE']],
  ['any case', ['x-HTTP-METHOD-override', 'Delete']],
  ['a list whose first counts', ['X-HTTP-Method-Override', 'DELETE, POST']],
  ['two lines', ['X-HTTP-Method-Override', 'DELETE', 'X-HTTP-Method-Override', 'POST']],
  ['two lines in the other order', ['X-HTTP-Method-Override', 'POST', 'X-HTTP-Method-Override', 'DELETE']],
  ['a harmless one before', ['X-Method-Override', 'POST', 'X-HTTP-Method', 'DELETE']],
  ['the query', [], '_method=delete'],
  ['the query, escaped', [], '%5f%6dethod=DELETE'],
  ['the query, twice', [], '_method=DELETE&_method=POST'],
]

/** Queries whose names reach a prototype (CVE-2022-24999 and its kin). */
export const PROTOTYPE_QUERIES: readonly string[] = [
  'a[__proto__]=b&a[__proto__]&a[length]=100000000',
  '__proto__[isAdmin]=true',
  '__proto__.isAdmin=true',
  '%5f%5fproto%5F%5F[isAdmin]=true',
  '[__proto__][isAdmin]=true',
  'constructor[prototype][isAdmin]=true',
  'constructor%5Bprototype%5D[isAdmin]=true',
  'a[constructor][prototype][isAdmin]=true',
]

/** JSON that reaches a prototype once it is copied name by name (CVE-2018-3721, CVE-2019-10744). */
export const PROTOTYPE_DOCUMENTS: readonly string[] = [
  '{"__proto__":{"polluted":"yes"}}',
  '{"a":{"__proto__":{"polluted":"yes"}}}',
  '[{"__proto__":{"polluted":"yes"}}]',
  '{"\\u005f_proto__":{"polluted":"yes"}}',
  '{"\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f":{"polluted":"yes"}}',
  '{ "__proto__" : { "polluted" : "yes" } }',
  '{"__proto__":null,"a":1}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  '{"constructor":{"a":1,"prototype":{"polluted":"yes"}}}',
  '{"c":{"constructor":{"prototype":{"polluted":"yes"}}}}',
  '{"\\u0063onstructor":{"protot\\u0079pe":{"polluted":"yes"}}}',
  '{"__proto__":{"__proto__":{"polluted":"yes"}}}',
]

/** Origins that look like `https://a.example.com`, or like one of `https://*.example.com`, and are neither. */
export function lookalikeOrigins(host: string): readonly string[] {
  const base = host.slice(host.indexOf('.') + 1)
  return [
    `https://${base}`,
    `https://evil${base}`,
    `https://${host}.evil.com`,
    `https://${base}.evil.com`,
    `https://${host}evil`,
    `https://${host}.`,
    `https://${host}:8443`,
    `https://${host}@evil.com`,
    `https://evil.com/${host}`,
    `https://evil.com#.${base}`,
    `https://evil.com?.${base}`,
    `https://evil.com\\.${base}`,
    `https://evil.com:443.${base}`,
    `https://evil.com%2e.${base}`,
    `https://.${base}`,
    `https://a..${base}`,
    `https://a_!.${base}`,
    `https://${host},https://evil.com`,
    `https://${host}, https://${host}`,
    `https://${host} https://evil.com`,
    `https://${host}\nhttps://evil.com`,
    `https://${host.toUpperCase()}`,
    `https://a.examp\u017fe.com`,
    `https://a\u3002${base}`,
    `http://${host}`,
    `wss://${host}`,
    `//${host}`,
    host,
    `https:${host}`,
    'null',
    '*',
    'undefined',
    '__proto__',
    '',
  ]
}

/** Fields by which proxies say who is calling. */
export const IDENTITY_FIELDS: readonly string[] = [
  'X-Forwarded-User',
  'Remote-User',
  'X-Remote-User',
  'X-User-Id',
  'X-Authenticated-Userid',
  'Client-Cert',
  'Client-Cert-Chain',
  'X-Client-Cert',
  'X-SSL-Client-S-DN',
  'SSL-Client-Verify',
  'X-Amzn-Oidc-Identity',
  'X-Goog-Authenticated-User-Email',
  'X-MS-CLIENT-PRINCIPAL-NAME',
  'Tailscale-User-Login',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'Forwarded',
  'X-Real-IP',
  'True-Client-IP',
  'REMOTE_USER',
  'x-USER-name',
]

/** Hosts with a delimiter in them, that move the path of a URL that is built of them (CVE-2026-48710). */
export function poisonedHosts(host: string): readonly string[] {
  return [
    `${host}/abc?bar=`,
    `${host}/`,
    `${host}?`,
    `${host}#`,
    `${host}/public#`,
    `${host}\\public?`,
    `${host}:80/public?`,
    `${host}:80?`,
    `x@${host}/public?`,
    `${host}/../public?`,
    '[::1]/public?',
    `${host}%2fpublic%3f`,
    '/public?',
    '?',
    '#',
  ]
}

/** Other spellings of a path, of which some router or proxy makes the same one. */
export function pathSpellings(path: string): readonly string[] {
  const [, first = '', ...rest] = path.split('/')
  const tail = rest.map((segment) => `/${segment}`).join('')
  const escaped = Buffer.from(first).toString('hex').replace(/../g, '%$&')
  return [
    `/${path}`,
    `//${path}`,
    `${path}/`,
    `${path}//`,
    `/.${path}`,
    `/x/..${path}`,
    `/x/%2e%2e${path}`,
    `/x/..;${path}`,
    `/;${path}`,
    `/;x${path}`,
    `${path};x`,
    `${path};x=1`,
    `/${first};x${tail}`,
    `/${escaped}${tail}`,
    `/%25${escaped.slice(1)}${tail}`,
    `/${first.toUpperCase()}${tail}`,
    `/${first}%2f${tail.slice(1)}`,
    `/${first}/.${tail}`,
    `/${first}//${tail.slice(1)}`,
    `\\${path.slice(1)}`,
    `/x\\..${path}`,
    `${path}%00`,
    `${path}%20`,
    `${path}.`,
    `${path}.json`,
    `${path}?`,
    `${path}#x`,
    `/%c0%af${path.slice(1)}`,
    path.slice(1),
  ]
}
