import assert from 'node:assert/strict'

/** Where malformed requests go, and what is right about them. */
export interface MalformedAt {
  readonly host: string
  /** A path that answers a GET. */
  readonly path: string
  /** Field lines that they have besides. */
  readonly lines: readonly string[]
}

/** What the cases of adapters are asked for. */
const OPEN: MalformedAt = { host: 'api.example.com', path: '/open', lines: [] }

const CHUNKED = 'Transfer-Encoding: chunked'

/** The head of a request, and what follows it; the connection ends after the answer. */
export function bytesOf(line: string, lines: readonly string[] = [`Host: ${OPEN.host}`], body = ''): string {
  return `${[line, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`
}

type Write = (...lines: readonly string[]) => string

/** Writes requests to one place. */
function writing({ host, path, lines: always }: MalformedAt): {
  readonly HOST: string
  readonly bytes: (line: string, lines?: readonly string[], body?: string) => string
  readonly get: Write
  readonly target: (text: string) => string
  readonly post: Write
} {
  const HOST = `Host: ${host}`
  const bytes = (line: string, lines: readonly string[] = [HOST], body = ''): string =>
    bytesOf(line, [...lines, ...always], body)
  return {
    HOST,
    bytes,
    get: (...lines) => bytes(`GET ${path} HTTP/1.1`, [HOST, ...lines]),
    target: (text) => bytes(`GET ${text} HTTP/1.1`),
    post: (...lines) => bytes(`POST ${path} HTTP/1.1`, [HOST, ...lines], '0\r\n\r\n'),
  }
}

/** A request, as bytes, and the code of the problem that answers it; nothing where the connection just ends. */
export type Malformed = readonly [id: string, name: string, bytes: string, code: string | undefined]

/** Requests that no handler may see, whatever stands before it. */
export function malformedAt(at: MalformedAt): readonly Malformed[] {
  const { HOST, bytes, get, target, post } = writing(at)
  const { host, path } = at
  return [
    ['REQ-01', 'no Host', bytes(`GET ${path} HTTP/1.1`, []), 'invalid_host'],
    ['REQ-01', 'two Hosts', get('Host: evil.example'), 'invalid_host'],
    ['REQ-01', 'two Hosts that are alike', get(HOST), 'invalid_host'],
    ['REQ-02', 'a Host with a user', bytes(`GET ${path} HTTP/1.1`, [`Host: a@${host}`]), 'invalid_host'],
    [
      'REQ-02',
      'a Host with a path',
      bytes(`GET ${path} HTTP/1.1`, [`Host: ${host}${path}?`]),
      'invalid_host',
    ],
    ['REQ-02', 'an empty Host', bytes(`GET ${path} HTTP/1.1`, ['Host:']), 'invalid_host'],
    ['REQ-04', 'absolute-form of another host', target(`http://evil.example${path}`), 'bad_request'],
    ['REQ-04', 'absolute-form with a user', target(`http://a@${host}${path}`), 'bad_request'],
    ['REQ-04', 'absolute-form of another scheme', target(`ftp://${host}${path}`), 'bad_request'],
    ['REQ-04', 'absolute-form whose path is elsewhere', target(`http://${host}/a/..${path}`), 'invalid_path'],
    ['REQ-04', 'authority-form', target(`${host}:80`), 'bad_request'],
    ['REQ-04', '* with GET', target('*'), 'bad_request'],
    ['REQ-04', 'a path without a slash', target('open'), 'bad_request'],
    ['REQ-05', 'a space in the target', target(`${path} x`), 'bad_request'],
    ['REQ-05', 'a tab in the target', target(`${path}\tx`), 'bad_request'],
    ['REQ-05', 'a NUL in the target', target(`${path}\0`), 'bad_request'],
    ['REQ-05', 'a bare CR in the target', target(`${path}\rx`), 'bad_request'],
    ['REQ-05', 'a bare LF in the target', target(`${path}\nx`), 'bad_request'],
    ['REQ-05', 'raw UTF-8 in the target', target(`${path}\u00c3\u00a9`), 'bad_request'],
    ['REQ-05', 'a fragment', target(`${path}#x`), 'invalid_path'],
    ['REQ-05', 'two slashes', target(`/${path}`), 'invalid_path'],
    ['REQ-05', 'a backslash', target('/a\\open'), 'invalid_path'],
    ['REQ-05', 'dot segments', target(`/admin/..${path}`), 'invalid_path'],
    ['REQ-05', 'a target of 20 KB', target(`/${'a'.repeat(20_000)}`), 'fields_too_large'],
    ['REQ-06', 'TRACE', bytes(`TRACE ${path} HTTP/1.1`), 'method_not_allowed'],
    ['REQ-06', 'TRACK', bytes(`TRACK ${path} HTTP/1.1`), 'method_not_allowed'],
    ['REQ-06', 'a method that nobody knows', bytes(`GETT ${path} HTTP/1.1`), 'method_not_allowed'],
    ['REQ-06', 'a method in lower case', bytes(`get ${path} HTTP/1.1`), 'method_not_allowed'],
    ['REQ-06', 'a method that is none', bytes(`G(T ${path} HTTP/1.1`), 'bad_request'],
    ['REQ-06', 'CONNECT, where nobody takes it', bytes(`CONNECT ${host}:80 HTTP/1.1`), undefined],
    [
      'REQ-07',
      'a method override',
      bytes(`POST ${path} HTTP/1.1`, [HOST, 'X-HTTP-Method-Override: DELETE']),
      'method_override_refused',
    ],
    [
      'REQ-07',
      'a method override in the query',
      bytes(`POST ${path}?_method=DELETE HTTP/1.1`),
      'method_override_refused',
    ],
    [
      'REQ-08',
      'two Content-Types',
      get('Content-Type: text/plain', 'Content-Type: application/json'),
      'duplicate_field',
    ],
    [
      'REQ-08',
      'two Sec-Fetch-Sites',
      get('Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin'),
      'duplicate_field',
    ],
    ['ERR-01', 'an expectation that nobody meets', get('Expect: a-cookie'), 'expectation_failed'],
    ['REQ-12', 'half an escape in the query', target(`${path}?q=%`), 'invalid_query'],
    ['REQ-12', 'a prototype in the query', target(`${path}?__proto__[x]=1`), 'invalid_query'],
    ['REQ-09', 'CL.TE', post('Content-Length: 5', CHUNKED), 'bad_request'],
    ['REQ-09', 'TE.CL', post(CHUNKED, 'Content-Length: 5'), 'bad_request'],
    ['REQ-09', 'CL.CL', post('Content-Length: 5', 'Content-Length: 0'), 'bad_request'],
    ['REQ-09', 'CL.CL that are alike', post('Content-Length: 5', 'Content-Length: 5'), 'bad_request'],
    ['REQ-09', 'a list of lengths', post('Content-Length: 5, 5'), 'bad_request'],
    ['REQ-09', 'a length with a sign', post('Content-Length: +5'), 'bad_request'],
    ['REQ-09', 'a negative length', post('Content-Length: -5'), 'bad_request'],
    ['REQ-09', 'a length in hexadecimal', post('Content-Length: 0x5'), 'bad_request'],
    ['REQ-09', 'a length with a space in it', post('Content-Length: 0 5'), 'bad_request'],
    ['REQ-09', 'an empty length', post('Content-Length:'), 'bad_request'],
    ['REQ-09', 'a length beyond all numbers', post('Content-Length: 99999999999999999999'), 'bad_request'],
    ['REQ-09', 'TE.TE', post(CHUNKED, 'Transfer-Encoding: identity'), 'bad_request'],
    ['REQ-09', 'TE.TE that are alike', post(CHUNKED, CHUNKED), 'bad_request'],
    ['REQ-09', 'a coding that only ends like chunked', post('Transfer-Encoding: xchunked'), 'bad_request'],
    ['REQ-09', 'chunked that is not last', post('Transfer-Encoding: chunked, identity'), 'bad_request'],
    [
      'REQ-09',
      'chunked behind a coding that nobody undoes',
      post('Transfer-Encoding: gzip, chunked'),
      'bad_request',
    ],
    ['REQ-09', 'chunked twice in one line', post('Transfer-Encoding: chunked, chunked'), 'bad_request'],
    ['REQ-09', 'chunked in quotes', post('Transfer-Encoding: "chunked"'), 'bad_request'],
    ['REQ-09', 'chunked behind a vertical tab', post('Transfer-Encoding: \x0bchunked'), 'bad_request'],
    ['REQ-09', 'chunked on a folded line', post('Transfer-Encoding:\r\n chunked'), 'bad_request'],
    ['REQ-09', 'chunked with a space before the colon', post('Transfer-Encoding : chunked'), 'bad_request'],
    [
      'REQ-09',
      'chunked in HTTP/1.0',
      bytes(`POST ${path} HTTP/1.0`, [HOST, CHUNKED], '0\r\n\r\n'),
      'bad_request',
    ],
    ['REQ-09', 'a field on a folded line', get('X-Any: a\r\n b'), 'bad_request'],
    ['REQ-09', 'a field before the first name', bytes(`GET ${path} HTTP/1.1`, [` ${HOST}`]), 'bad_request'],
    ['REQ-09', 'a bare CR in a value', get('X-Any: a\rb'), 'bad_request'],
    ['REQ-09', 'a bare LF in a value', get('X-Any: a\nX-Other: b'), 'bad_request'],
    ['REQ-09', 'a NUL in a value', get('X-Any: a\0b'), 'bad_request'],
    ['REQ-09', 'a bell in a value', get('X-Any: a\x07b'), 'bad_request'],
    ['REQ-09', 'a NUL in a name', get('X\0Any: a'), 'bad_request'],
    ['REQ-09', 'brackets in a name', get('X(Any): a'), 'bad_request'],
    ['REQ-09', 'UTF-8 in a name', get('X\u00c3\u00a9: a'), 'bad_request'],
    ['REQ-09', 'a space in a name', get('X Any: a'), 'bad_request'],
    ['REQ-09', 'an empty name', get(': a'), 'bad_request'],
    ['REQ-09', 'a field without a colon', get('X-Any'), 'bad_request'],
    ['REQ-09', 'lines that end in LF alone', `GET ${path} HTTP/1.1\nHost: ${host}\n\n`, 'bad_request'],
    ['REQ-09', 'HTTP/0.9', `GET ${path}\r\n\r\n`, 'bad_request'],
    ['REQ-09', 'HTTP/1.2', bytes(`GET ${path} HTTP/1.2`), 'bad_request'],
    ['REQ-09', 'HTTP/2.0 in words', bytes(`GET ${path} HTTP/2.0`), 'bad_request'],
    ['REQ-09', 'http in lower case', bytes(`GET ${path} http/1.1`), 'bad_request'],
    ['REQ-09', 'the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'bad_request'],
    ['REQ-09', 'a hello of TLS', '\x16\x03\x01\x00\x05hello', 'bad_request'],
  ]
}

/** {@link malformedAt} the open route of the cases of adapters. */
export const MALFORMED: readonly Malformed[] = malformedAt(OPEN)

const { get: getOpen, target: targetOpen } = writing(OPEN)

/** An honest request for the open route, with more lines. */
export const get: Write = getOpen

/** Requests that are odd, and lawful. */
export const LAWFUL: readonly (readonly [id: string, name: string, bytes: string])[] = [
  ['REQ-04', 'absolute-form of its own host', targetOpen('http://API.example.com:80/open')],
  ['REQ-05', 'escaped control characters in the query', targetOpen('/open?text=a%0d%0ab%00')],
  ['REQ-07', 'an override that names the method itself', get('X-HTTP-Method-Override: GET')],
  ['REQ-09', 'a tab before a value', get('X-Any:\ta')],
  ['REQ-09', 'an empty line before the request', `\r\n${get()}`],
  ['REQ-12', 'a list in the query', targetOpen('/open?tag=a&tag=b')],
]

/** One answer, which is a problem with the fields of the gate, and then the end. */
export function assertRefused(text: string, code: string | undefined): void {
  if (code === undefined) return assert.equal(text, '')
  assert.equal(text.split('HTTP/1.1 ').length, 2, text)
  assert.match(text, /^HTTP\/1\.1 4\d\d /)
  assert.match(text, /^Content-Type: application\/problem\+json\r$/im)
  assert.match(text, /^X-Content-Type-Options: nosniff\r$/im)
  assert.match(text, /^Connection: close\r$/im)
  assert.match(text, new RegExp(`"code":"${code}"`))
  // RFC 9110 §15.5.6
  assert.equal(/^Allow: .*\bGET\b/im.test(text), code === 'method_not_allowed')
}
