import { bytesOf, type Malformed } from '../../../testkit/src/adapter/malformed.ts'
import { nodeHttp } from '../../../testkit/src/adapter/reference.ts'
import { adapterConformance } from '../../../testkit/src/adapter-conformance.ts'

const HOST = 'Host: api.example.com'
const CHUNKED = 'Transfer-Encoding: chunked'
const get = (line: string): string => bytesOf('GET /open HTTP/1.1', [HOST, line])
const post = (...lines: readonly string[]): string =>
  bytesOf('POST /open HTTP/1.1', [HOST, ...lines], '0\r\n\r\n')

/** What node:http hands on when it runs with `insecureHTTPParser`, and the check of the request refuses. */
const LENIENT: readonly Malformed[] = [
  ['REQ-09', 'a NUL in a value', get('X-Any: a\0b'), 'bad_request'],
  ['REQ-09', 'a bell in a value', get('X-Any: a\x07b'), 'bad_request'],
  ['REQ-09', 'TE.CL', post(CHUNKED, 'Content-Length: 5'), 'bad_request'],
  ['REQ-09', 'TE.TE', post(CHUNKED, CHUNKED), 'bad_request'],
  ['REQ-09', 'xchunked', post('Transfer-Encoding: xchunked'), 'bad_request'],
  ['REQ-09', 'chunked that is not last', post('Transfer-Encoding: chunked, identity'), 'bad_request'],
  ['REQ-09', 'HTTP/1.2', bytesOf('GET /open HTTP/1.2'), 'bad_request'],
]

adapterConformance({ name: 'node:http', mount: nodeHttp, lenient: LENIENT })
