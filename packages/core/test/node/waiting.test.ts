import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Sends three requests at once and cuts the connection when the last was taken. The gate gets each of them at once, or all
 * but the first when the connection is gone; a permit for each is the proof that it heard of the end of each.
 */
async function closes(isLate: boolean): Promise<readonly number[]> {
  const closed = [0, 0, 0]
  const taken: string[] = []
  const gate = gatehouse(
    testPolicy({ routes: { '/*': { public: 'a test' } }, concurrency: { limit: 3, by: 'server' } }),
  )
  const handle = gate.handler((req, res) => {
    if (req.url === '/answer') res.end('ok')
  })
  const count = (res: ServerResponse, index: number): void => {
    res.on('close', () => {
      closed[index] = (closed[index] ?? 0) + 1
    })
  }
  const server = createServer((req, res) => {
    const index = Number(req.url?.slice(1))
    if (Number.isInteger(index)) count(res, index)
    taken.push(req.url ?? '')
    if (isLate && index > 0) req.socket.once('close', () => setImmediate(handle, req, res))
    else handle(req, res)
  })
  const running = await start(gate.attach(server))
  const socket = connect(running.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write([0, 1, 2].map((index) => `GET /${index} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`).join(''))
  while (taken.length < 3) await turn()
  socket.destroy()
  while (closed.includes(0)) await turn()
  // What would close it once more does so soon after.
  for (let i = 0; i < 10; i++) await turn()
  for (let i = 0; i < 3; i++) {
    const { status } = await running.send({ path: '/answer', fields: ['Host', '127.0.0.1'] })
    assert.equal(status, 200)
  }
  await running.close()
  await gate.close()
  return closed
}

test('RL-16: the responses of pipelined requests are closed with their connection, each once', async () => {
  assert.deepEqual(await closes(false), [1, 1, 1])
})

test('RL-16: those that the gate gets after their connection was closed are, too', async () => {
  assert.deepEqual(await closes(true), [1, 1, 1])
})
