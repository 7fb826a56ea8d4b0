import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { builtCore } from './built.ts'

// What V8 says of an object: no other way shows it.
const IS_FAST = '%HasFastProperties(String.prototype)'

/** Runs a module that may ask V8. */
function told(module: string): unknown {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--allow-natives-syntax', '--input-type=module'],
    { input: module, encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

// Should the second be true one day, V8 has mended it, and hastenStrings() can go.
test('DEP-03: a gate makes strings fast again that a class of a client of Redis has made slow', async () => {
  const states = told(`${await builtCore()}
    const states = [${IS_FAST}]
    class Reply extends String {}
    states.push(${IS_FAST})
    gatehouse({ hosts: ['api.example.com'], public: 'a test' })
    states.push(${IS_FAST})
    console.log(JSON.stringify(states))`)
  assert.deepEqual(states, [true, false, true])
})
