import { randomInt } from 'node:crypto'
import type { Policy } from '../../src/chain/policy.ts'
import type { Handler } from '../../src/node/gate.ts'
import { type Guarded, guarded } from './gate.ts'
import type { TestPrincipal } from './scheme.ts'

/** A gate that takes content on every path, and answers with what its handler was given. */
export function taking(
  content: Policy['content'] | 'exempt',
  handle: Handler<TestPrincipal> = (_req, res, pass) => {
    res.end(JSON.stringify({ content: pass.content ?? null }))
  },
  policy: Policy<TestPrincipal> = {},
): Promise<Guarded> {
  const rule = { public: 'a test', ...(content === undefined ? {} : { content }) }
  return guarded({ ...policy, routes: { '/*': rule, ...policy.routes } }, handle)
}

/** A POST as it goes over the wire, in latin1; the connection ends after it unless `fields` say otherwise. */
export function posted(fields: readonly string[], content: string | Buffer, path = '/'): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...fields]
  if (!fields.some((line) => line.startsWith('Connection:'))) lines.push('Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n${content.toString('latin1')}`
}

export const JSON_TYPE = 'Content-Type: application/json'
export const CHUNKED = 'Transfer-Encoding: chunked'
export const length = (bytes: number | string | Buffer): string =>
  `Content-Length: ${typeof bytes === 'number' ? bytes : bytes.length}`

/** Content in chunks, with the last one. */
export function chunks(...all: readonly string[]): string {
  return [...all, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
}

/** The status of a response that came as text, and its code or its content: `413 content_too_large`. */
export function outcome(text: string): string {
  const [head = '', content = ''] = text.split('\r\n\r\n')
  if (head === '') return 'nothing'
  return `${head.slice(9, 12)} ${/"code":"(\w+)"/.exec(content)?.[1] ?? content}`
}

/** Text that compresses badly. */
export function noise(bytes: number): string {
  return Array.from({ length: bytes }, () => String.fromCharCode(randomInt(97, 123))).join('')
}
