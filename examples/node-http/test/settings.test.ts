import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Mistake, readSettings } from '../src/settings.ts'

describe('the settings of the demo', () => {
  const right: readonly (readonly [args: readonly string[], env: NodeJS.ProcessEnv, wanted: unknown])[] = [
    [[], {}, { port: 3000, tlsPort: undefined }],
    [[], { PORT: '' }, { port: 3000, tlsPort: undefined }],
    [[], { PORT: '8080', TLS_PORT: 'not read' }, { port: 8080, tlsPort: undefined }],
    [['--tls'], {}, { port: 3000, tlsPort: 3443 }],
    [['--tls'], { PORT: '0' }, { port: 0, tlsPort: 0 }],
    [['--tls'], { PORT: '80', TLS_PORT: '443' }, { port: 80, tlsPort: 443 }],
    [[], { NAME: 'demo.example' }, { port: 3000, tlsPort: undefined, name: 'demo.example' }],
    [['--help'], { PORT: 'abc' }, 'help'],
  ]
  for (const [args, env, wanted] of right) {
    test(`${JSON.stringify(env)} ${args.join(' ')} is read`, () => {
      const settings = wanted === 'help' ? wanted : { name: undefined, ...(wanted as object) }
      assert.deepEqual(readSettings(args, env), settings)
    })
  }

  const wrong: readonly (readonly [args: readonly string[], env: NodeJS.ProcessEnv, says: RegExp])[] = [
    [[], { PORT: 'abc' }, /^PORT is not a port: "abc"/],
    [[], { PORT: '-1' }, /not a port/],
    [[], { PORT: '65536' }, /not a port/],
    [[], { PORT: '1e3' }, /not a port/],
    [[], { PORT: '0x50' }, /not a port/],
    [[], { PORT: ' 80' }, /not a port/],
    [['--tls'], { TLS_PORT: 'x' }, /^TLS_PORT is not a port/],
    [['--tls'], { PORT: '65500' }, /leaves no port for https: set TLS_PORT/],
    [['--tls'], { PORT: '3000', TLS_PORT: '3000' }, /both 3000/],
    [[], { NAME: 'a b' }, /^NAME is not the name of a host: "a b"/],
    [['--bogus'], {}, /^Unknown option '--bogus'\.\n/],
    [['--tls=yes'], {}, /--tls' does not take an argument\.\n/],
    [['extra'], {}, /^Unexpected argument 'extra'\.\n/],
  ]
  for (const [args, env, says] of wrong) {
    test(`${JSON.stringify(env)} ${args.join(' ')} is a mistake that says what to do`, () => {
      assert.throws(
        () => readSettings(args, env),
        (error) => error instanceof Mistake && says.test(error.message),
      )
    })
  }
})
