import { request } from 'node:http'
import type { Answer } from './stacks/answer.ts'
import { PATH, type Sent } from './workload.ts'

/** A machine that is busy may take some seconds for a first answer. */
const TIMEOUT_MS = 20_000

/** Sends one request to a stack, and gives what came: field lines in order, names as sent. */
export function ask(port: number, { method, fields }: Sent): Promise<Answer> {
  const options = { host: '127.0.0.1', port, method, path: PATH, headers: fields, agent: false }
  return new Promise((resolve, reject) => {
    const req = request({ ...options, timeout: TIMEOUT_MS }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8')
        resolve({ status: res.statusCode ?? 0, fields: res.rawHeaders, body })
      })
    })
    req.on('timeout', () => req.destroy(new Error('no answer')))
    req.on('error', reject)
    req.end()
  })
}
