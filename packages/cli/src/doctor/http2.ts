import { connect, type IncomingHttpHeaders } from 'node:http2'
import { isIP } from 'node:net'
import { shownUrl } from '../clean.ts'
import { AGENT, type Answer, bare, type SendOptions } from './http.ts'

/** Asks for one URL over HTTP/2; `undefined` when nothing came back in time. It never rejects. */
export function askOverHttp2(
  url: URL,
  { lookup, timeout }: Pick<SendOptions, 'lookup' | 'timeout'>,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const session = connect(url.origin, {
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      ...(isIP(bare(url.hostname)) === 0 && { servername: url.hostname }),
      ...(lookup !== undefined && { lookup }),
    })
    const end = (answer?: Answer): void => {
      clearTimeout(timer)
      session.destroy()
      resolve(answer)
    }
    const timer = setTimeout(end, timeout)
    session.on('error', () => end())
    session.on('close', () => end())
    const stream = session.request({
      ':method': 'GET',
      ':path': url.pathname + url.search,
      'user-agent': AGENT,
      accept: 'application/json, */*;q=0.5',
    })
    stream.on('error', () => end())
    // Only what it begins with is looked at.
    stream.on('response', (headers) =>
      end({ url: shownUrl(url), status: Number(headers[':status']), fields: fieldsOf(headers), body: '' }),
    )
    stream.on('close', () => end())
    stream.end()
  })
}

function fieldsOf(headers: IncomingHttpHeaders): Answer['fields'] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(':') || value === undefined ? [] : [[name, Array.isArray(value) ? value : [value]]],
    ),
  )
}
