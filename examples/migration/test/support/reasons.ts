import type { Reasons } from './differences.ts'

/** Why the answers differ, where it is the same whatever the code was before. A page may have its own. */
export const REASONS: Reasons = {
  // Statuses, by the name of the request.
  'preflight, other page':
    'A preflight that is denied says so. To the page it is the same: its browser lets nothing through.',
  'preflight for DELETE': 'No `methods` were said, and only GET, HEAD and POST are allowed without.',
  'other host': '`hosts` must be said. Links and caches cannot be poisoned through `Host`.',
  'plain http': 'Plain http is sent to https.',
  'plain http, token':
    'A token that travelled in clear is lost. A redirect would hide that; a refusal and an event tell.',
  'over it, forged tokens': 'The limit by address is decided before a signature is checked.',
  'unknown route': 'Whatever no rule opens needs a caller: strangers cannot tell which routes there are.',

  // Fields.
  allow: 'A preflight is for the gate, and asking for methods is a request like any other.',
  'access-control-allow-credentials':
    'Cookies of other origins are allowed only where `credentials` is said.',
  'access-control-allow-headers':
    'The fields that are allowed, and not the text that was asked for; none when the preflight is denied.',
  'access-control-allow-methods':
    'GET, HEAD and POST, and the `methods` that are said; none when the preflight is denied.',
  'access-control-allow-origin':
    'A single origin is sent to everybody, so that caches keep one answer; a denied preflight has none.',
  'access-control-expose-headers':
    'Pages may read when to come again, and what the challenge asks for, without a setting.',
  'access-control-max-age': 'Said only where the preflight is granted.',
  'cache-control': 'What callers with a credential are answered, and every refusal, is stored nowhere.',
  'content-security-policy': 'Data needs no source at all. The preset `page` is for HTML.',
  'content-type': 'Refusals are problems (RFC 9457), whoever refuses.',
  'cross-origin-opener-policy': 'In the preset.',
  'cross-origin-resource-policy': 'In the preset.',
  etag: 'A refusal has no version to ask for again.',
  location: 'Where https is.',
  'origin-agent-cluster': 'In the preset.',
  'permissions-policy': 'In the preset: features that hurt most when a script gets in are off.',
  ratelimit:
    'The name is `default`, or the `name` of the limit. `t` is when one more is granted: by default units come back one by one, and not all at the end of a window. What is refused before the limit is not counted.',
  'ratelimit-policy': 'The same name. `pk` is sent with `partitionKey: true`.',
  'referrer-policy': 'In the preset.',
  'retry-after': 'When one more request is granted, and not the end of the window.',
  server: 'Fields that name products are taken off.',
  'strict-transport-security':
    'Never over plain http (RFC 6797 §7.2). Names below the host only with `https: { hsts: { includeSubDomains: true } }`.',
  vary: 'With a single origin every page gets the same; what a preflight is answered depends on what it asks for.',
  'www-authenticate': 'A challenge says what is missing (RFC 6750 §3), and not why a token failed.',
  'x-content-type-options': 'In the preset, on every response.',
  'x-dns-prefetch-control': 'In the preset.',
  'x-download-options': 'Only Internet Explorer acted on it.',
  'x-frame-options': 'Nobody frames data.',
  'x-permitted-cross-domain-policies': 'In the preset.',
  'x-powered-by': 'Fields that name products are taken off.',
  'x-ratelimit-limit': "`rateLimitFields: 'x-ratelimit'` sends these fields as well or instead.",
  'x-ratelimit-remaining': 'The same.',
  'x-ratelimit-reset': 'The same.',
  'x-xss-protection': 'No browser in use acts on it.',
}
