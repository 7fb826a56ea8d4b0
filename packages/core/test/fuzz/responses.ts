import assert from 'node:assert/strict'

/** A response as it stood on the wire. */
export interface WireResponse {
  readonly status: number
  /** Names in lower case; the values of several lines are joined. */
  readonly fields: ReadonlyMap<string, string>
  readonly body: string
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * Reads all that came over a connection as responses of HTTP/1.1, and fails when it is anything else: what a client cannot
 * read in one way only is a hole, too (RFC 9112 §4, §6).
 */
export function readResponses(wire: string): readonly WireResponse[] {
  const responses: WireResponse[] = []
  let rest = wire
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    assert.ok(end >= 0, `a head has an end: ${JSON.stringify(rest.slice(0, 80))}`)
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) [\t -~]*$/.exec(statusLine)?.[1])
    assert.ok(status > 0, `a status line: ${JSON.stringify(statusLine)}`)
    const fields = fieldsOf(lines)
    rest = rest.slice(end + 4)
    if (status === 101) return [...responses, { status, fields, body: rest }]
    const [body, after] = status < 200 || status === 204 || status === 304 ? ['', rest] : bodyOf(fields, rest)
    responses.push({ status, fields, body })
    rest = after
  }
  return responses
}

function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    assert.match(name, TOKEN, 'the name of a field')
    assert.match(value, /^[\t -~\x80-\xff]*$/, 'the value of a field')
    const before = fields.get(name.toLowerCase())
    fields.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`)
  }
  return fields
}

function bodyOf(fields: ReadonlyMap<string, string>, rest: string): readonly [body: string, rest: string] {
  const length = fields.get('content-length')
  const coding = fields.get('transfer-encoding')
  assert.ok(length === undefined || coding === undefined, 'a response has one length')
  if (length !== undefined) {
    assert.match(length, /^\d+$/, 'and it is a number')
    assert.ok(rest.length >= Number(length), 'a body is whole')
    return [rest.slice(0, Number(length)), rest.slice(Number(length))]
  }
  if (coding === undefined) return [rest, '']
  assert.equal(coding, 'chunked')
  let body = ''
  let at = 0
  for (;;) {
    const line = rest.indexOf('\r\n', at)
    const size = Number.parseInt(rest.slice(at, line), 16)
    assert.ok(line >= 0 && size >= 0, 'a chunk has a size')
    body += rest.slice(line + 2, line + 2 + size)
    at = line + 2 + size + 2
    assert.equal(rest.slice(at - 2, at), '\r\n', 'and an end')
    if (size === 0) return [body, rest.slice(at)]
  }
}
