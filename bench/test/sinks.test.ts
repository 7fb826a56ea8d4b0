import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../src/ask.ts'
import { FAULTY, SINKS, startSinkStack } from '../src/sinks/sink-stack.ts'
import { requestWith } from '../src/workload.ts'

// What hangs loses nothing before it is full, and what takes everything never does.
const AT_ONCE = ['throws', 'broken pipe', 'full disk']
test('every gate refuses alike and counts its events, whatever becomes of its sink', async () => {
  const answers = new Set<string>()
  for (const name of SINKS) {
    const stack = startSinkStack(name)
    try {
      await stack.listening()
      for (let request = 0; request < 20; request++) {
        const { status, body } = await ask(stack.port, requestWith(undefined))
        // Each has the id of its request.
        const { requestId, ...problem } = JSON.parse(body) as { readonly requestId: string }
        assert.ok(requestId.length > 0)
        answers.add(`${status} ${JSON.stringify(problem)}`)
      }
      const { events, lost = 0 } = await stack.usage()
      assert.equal(events, 20, stack.name)
      assert.equal(lost > 0, AT_ONCE.includes(stack.name), `${stack.name} lost ${lost}`)
    } finally {
      await stack.end()
    }
  }
  assert.equal(answers.size, 1, [...answers].join('\n'))
  for (const name of AT_ONCE) assert.ok(FAULTY.some((faulty) => faulty === name))
})
