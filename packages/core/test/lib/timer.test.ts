import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { startTimer } from '../../src/lib/timer.ts'

test('RL-21: an answer that came while the process stood still comes before the deadline', async (t) => {
  const server = createServer((socket) =>
    socket.on('data', () => {
      socket.write('answer')
      // The answer is there, and the process goes on long after the deadline.
      const until = performance.now() + 60
      while (performance.now() < until);
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.after(() => {
    socket.destroy()
    server.close()
  })
  await once(socket, 'connect')
  const first = await new Promise<string>((resolve) => {
    const cancel = startTimer(30, () => resolve('the deadline'))
    socket.once('data', () => {
      cancel()
      resolve('the answer')
    })
    socket.write('question')
  })
  assert.equal(first, 'the answer')
})

test('RL-21: a deadline rings once, and not when it was cancelled before', async () => {
  const rung: string[] = []
  startTimer(1, () => rung.push('early'))
  const cancel = startTimer(1, () => rung.push('cancelled'))
  const held = setInterval(() => {}, 1_000)
  await new Promise<void>((resolve) => {
    startTimer(1, resolve)
    cancel()
  })
  clearInterval(held)
  assert.deepEqual(rung, ['early'])
})
