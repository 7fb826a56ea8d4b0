import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answered, cors, preflight, refused } from '../support/cors.ts'

const SIZE = 64 * 1024
const APP = 'https://app.example.com'

// A preflight needs no credential, so what it asks for must cost nothing to speak of.
describe('attack: a flood in Access-Control-Request-Headers', () => {
  const fill = (piece: string): string => piece.repeat(Math.ceil(SIZE / piece.length)).slice(0, SIZE)
  const distinct = (): string => {
    let text = ''
    for (let i = 0; text.length < SIZE; i++) text += `x-${i.toString(36)},`
    return text
  }
  const floods = [
    ['commas', fill(',')],
    ['commas and spaces', fill(', ')],
    ['spaces', fill(' ')],
    ['tabs before a name', `${fill('\t')}x-a`],
    ['one name', fill('x')],
    ['one name in capitals', fill('X')],
    ['an allowed name, over and over', fill('x-a,')],
    ['names of one letter', fill('a,b,c,')],
    ['an allowed name and its tail of spaces', `x-a${fill(' ')}`],
    ['text that is no list', fill('x a')],
    ['obs-text', fill('\xff')],
    ['an allowed name and obs-text', `x-a,${fill('\xe9')}`],
    ['tabs', fill('\t')],
    ['spaces and tabs in turns', fill(' \t')],
    ['one space before each of many commas', fill(' ,')],
    ['names and ever more empty elements', fill('x-a,,,,,,,')],
    ['many names that differ', distinct()],
    ['many names that differ in case alone', fill('x-a,X-a,X-A,x-A,')],
    ['names that are in every object', fill('constructor,__proto__,toString,')],
    ['a quoted text', `"${fill('a')}"`],
    ['line ends', fill('x-a\r\n ')],
    ['text beyond latin1', fill('\u0130')],
  ] as const
  for (const [what, value] of floods) {
    for (const headers of [['x-a'], '*'] as const) {
      // 64 KiB of one token is lawful where every field is allowed; all else is denied.
      const lawful = headers === '*' && what.startsWith('one name')
      test(`COR-16: ${what} ${lawful ? 'is answered' : 'is denied'} in no time, with headers ${String(headers)}`, () => {
        const policy = cors({ origins: '*', headers })
        const request = preflight(APP, 'GET', value)
        const start = process.cpuUsage()
        for (let i = 0; i < 20; i++) {
          if (lawful) answered(policy.decide(request))
          else refused(policy.decide(request))
        }
        const { user, system } = process.cpuUsage(start)
        const each = (user + system) / 1000 / 20
        assert.ok(each < 10, `${each} ms`)
      })
    }
  }

  test('COR-16: the bounds are 64 names, 16 empty elements and one space; one more is denied', () => {
    const policy = cors({ origins: [APP, 'https://b.example'], headers: ['x-a'] })
    const ask = (value: string) => policy.decide(preflight(APP, 'GET', value))
    answered(ask(`x-a${',x-a'.repeat(63)}`))
    refused(ask(`x-a${',x-a'.repeat(64)}`))
    answered(ask(`${','.repeat(16)}x-a`))
    refused(ask(`${','.repeat(17)}x-a`))
    answered(ask('x-a, x-a ,x-a'))
    refused(ask('x-a,  x-a'))
  })
})
