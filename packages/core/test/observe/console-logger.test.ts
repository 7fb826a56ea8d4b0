import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { consoleLogger, type ConsoleLoggerOptions } from '../../src/observe/console-logger.ts'

test('ERR-03: an option that there is not, and one that cannot be used, is refused when it is made', () => {
  const given = { allow: false, stream: 'stderr', stacks: 'yes' } as unknown as ConsoleLoggerOptions
  assert.throws(
    () => consoleLogger(given),
    (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(
        error.mistakes.map(({ code, path }) => `${code} ${path}`),
        [
          'unknown_option consoleLogger.allow',
          'wrong_type consoleLogger.stream',
          'wrong_type consoleLogger.stacks',
        ],
      )
      return true
    },
  )
})
