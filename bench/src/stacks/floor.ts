import { createServer } from 'node:http'
import type { Answer } from './answer.ts'
import { serve } from './serve.ts'

/*
 * The floor: the least that node:http can do to send the bytes that the gate sends. It is handed a whole answer and
 * writes it to whoever asks. It looks at nothing of a request, not even at its method.
 */

let answer: Answer = { status: 500, fields: [], body: '' }
let fields: string[] = []

const server = createServer((_req, res) => {
  res.writeHead(answer.status, fields)
  res.end(answer.body)
})

serve(server, {
  setAnswer(next) {
    answer = next
    fields = [...next.fields]
  },
})
