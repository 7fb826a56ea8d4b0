import { createServer, type RequestListener, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import { serve } from './serve.ts'

/*
 * The floor: the least that node:http can do to send the bytes that the gate sends. It is handed a whole answer and
 * writes it to whoever asks. It looks at nothing of a request, not even at its method.
 *
 * With `text` as its second word it writes them as the gate does: the fields as one text that was made before, and the content with
 * them. Beside it is seen what the gate's checks take; and it is the most that a gate on node:http can reach. With `redis` it
 * writes as with `text`, once a client and then a caller have been charged in Redis.
 */

/** What node:http has of a response that is not documented. */
type Raw = ServerResponse & {
  _header: string
  _storeHeader: (this: ServerResponse, firstLine: string, fields: unknown) => void
}

let answer: Answer = { status: 500, fields: [], body: '' }
let fields: string[] = []
let lines = ''

const asFields: RequestListener = (_req, res) => {
  res.writeHead(answer.status, fields)
  res.end(answer.body)
}

const nodeStoreHeader = (ServerResponse.prototype as Raw)._storeHeader

function storeHeader(this: ServerResponse, firstLine: string, given: unknown): void {
  nodeStoreHeader.call(this, firstLine + lines, given)
}

const asText: RequestListener = (_req, res) => {
  const raw = res as Raw
  raw._storeHeader = storeHeader
  raw.writeHead(answer.status, fields)
  raw._header += answer.body
  raw.end()
}

const [, , , word] = process.argv
const isText = word === 'text' || word === 'redis'
/** Loaded where it is asked for: see `stacks/gatehouse.ts`. */
const listener = word === 'redis' ? await (await import('./charged.ts')).charged(asText) : undefined

serve(createServer(listener ?? (isText ? asText : asFields)), {
  setAnswer(next) {
    answer = next
    fields = [...next.fields]
    if (!isText) return
    // By its length node:http decides how the content is framed.
    const isLength = (name: string | undefined): boolean => name?.toLowerCase() === 'content-length'
    fields = next.fields.filter((_, i) => isLength(next.fields[i - (i % 2)]))
    lines = next.fields
      .flatMap((name, i) =>
        i % 2 === 0 && !isLength(name) ? [`${name}: ${next.fields[i + 1] ?? ''}\r\n`] : [],
      )
      .join('')
  },
})
