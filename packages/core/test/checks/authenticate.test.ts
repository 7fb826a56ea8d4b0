import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import { CODES } from '../../src/contract/codes.ts'
import { type Kind, KINDS } from '../../src/contract/kinds.ts'
import { KnownCaller } from '../../src/contract/known-caller.ts'
import { authenticated, bad, type CredentialKind, NO_CREDENTIALS } from '../../src/contract/scheme.ts'
import { facts } from '../support/facts.ts'
import { caller, decide, refusal, stubScheme } from '../support/schemes.ts'

const HOST = ['Host', 'api.example.com'] as const

function withAuthorization(value: string): ReturnType<typeof facts> {
  return facts({ fields: [HOST, ['Authorization', value]] })
}

function statusOf(kind: Kind): number | undefined {
  const { code } = KINDS[kind]
  return code === undefined ? undefined : CODES[code].status
}

describe('what the scheme found', () => {
  test('AUT-10: a caller that the scheme vouches for passes as the principal', () => {
    const principal = caller()
    const guard = compileAuthenticate(stubScheme(() => authenticated(principal)))
    assert.deepEqual(decide(guard, facts()), {
      type: 'pass',
      fields: undefined,
      principal,
      warning: undefined,
    })
  })

  test('AUT-10: a caller who is remembered passes as they did the first time, and not as another', () => {
    const principal = Object.freeze(caller())
    const known = new KnownCaller(principal)
    let more = {}
    const guard = compileAuthenticate(
      stubScheme(() => ({ ...authenticated(principal), caller: known, ...more })),
    )
    const passed = { type: 'pass', fields: undefined, principal, warning: undefined, caller: known }
    assert.deepEqual(decide(guard, facts()), passed)
    assert.deepEqual(decide(guard, facts()), passed)
    more = { fields: ['DPoP-Nonce', 'n'] }
    assert.deepEqual(decide(guard, facts()), { ...passed, ...more })
    more = { fields: ['DPoP-Nonce', 'a\r\nb'] }
    assert.equal(refusal(decide(guard, facts())).kind, 'dependency.failed')
    more = { principal: { ...principal, scopes: 'all' } }
    assert.equal(refusal(decide(guard, facts())).kind, 'dependency.failed')
  })

  test('AUT-10: a caller who is remembered and ill-formed does not pass, however often they come', () => {
    const principal = Object.freeze({ ...caller(), scopes: 'all' }) as never
    const found = { ...authenticated(principal), caller: new KnownCaller(principal) }
    const guard = compileAuthenticate(stubScheme(() => found))
    for (let i = 0; i < 2; i++) assert.equal(refusal(decide(guard, facts())).kind, 'dependency.failed')
  })

  test('AUT-02: a request without credentials is a 401 whose challenge has no error', () => {
    const { kind, fields } = refusal(decide(compileAuthenticate(stubScheme(() => NO_CREDENTIALS)), facts()))
    assert.equal(kind, 'credentials.missing')
    assert.equal(statusOf(kind), 401)
    assert.deepEqual(fields, ['WWW-Authenticate', 'Stub'])
  })

  test('AUT-13: an Authorization that no scheme knows is a 401 without error, as if there were none', () => {
    const guard = compileAuthenticate(stubScheme(() => NO_CREDENTIALS))
    const { kind, fields } = refusal(decide(guard, withAuthorization('Digest username="a"')))
    assert.equal(kind, 'credentials.wrong-scheme')
    assert.equal(KINDS[kind].code, KINDS['credentials.missing'].code)
    assert.deepEqual(fields, ['WWW-Authenticate', 'Stub'])
  })

  const rows: readonly (readonly [kind: CredentialKind, status: number, challenge: string])[] = [
    ['credentials.missing', 401, 'Stub'],
    ['credentials.malformed', 400, 'Stub error="invalid_request"'],
    ['credentials.repeated', 400, 'Stub error="invalid_request"'],
    ['credentials.wrong', 401, 'Stub'],
    ['credentials.expired', 401, 'Stub'],
    ['credentials.revoked', 401, 'Stub'],
    ['token.malformed', 401, 'Stub error="invalid_token"'],
    ['token.expired', 401, 'Stub error="invalid_token"'],
    ['token.revoked', 401, 'Stub error="invalid_token"'],
  ]
  for (const [kind, status, challenge] of rows) {
    test(`AUT-03: ${kind} is a ${status} with the challenge ${challenge}`, () => {
      const guard = compileAuthenticate(stubScheme(() => bad(kind, 'why')))
      const refused = refusal(decide(guard, withAuthorization('Stub x')))
      assert.equal(refused.kind, kind)
      assert.equal(refused.reason, 'why')
      assert.equal(refused.members, undefined)
      assert.equal(statusOf(refused.kind), status)
      assert.deepEqual(refused.fields, ['WWW-Authenticate', challenge])
    })
  }

  test('AUT-01: every 401 that a scheme can cause has a challenge', () => {
    const kinds = (Object.keys(KINDS) as Kind[]).filter(
      (kind) => /^(credentials|token)\./.test(kind) && statusOf(kind) === 401,
    )
    assert.ok(kinds.length > 10)
    for (const kind of kinds) {
      const guard = compileAuthenticate(stubScheme(() => bad(kind as CredentialKind, '')))
      assert.equal(refusal(decide(guard, facts())).fields?.[0], 'WWW-Authenticate', kind)
    }
  })

  test('AUT-08: kinds of one code send the very same fields, so that a probe cannot tell them apart', () => {
    for (const kinds of [
      ['credentials.wrong', 'credentials.expired', 'credentials.revoked'],
      ['token.bad-signature', 'token.expired', 'token.unknown-key', 'token.wrong-audience'],
    ] as const) {
      const [first, ...others] = kinds.map((kind) => {
        const guard = compileAuthenticate(stubScheme(() => bad(kind, kind)))
        return refusal(decide(guard, facts()))
      })
      for (const other of others) {
        assert.deepEqual(other.fields, first?.fields)
        assert.notEqual(other.reason, first?.reason)
      }
    }
  })

  test('AUT-07: no challenge has a description, whatever reason the log gets', () => {
    for (const kind of Object.keys(KINDS) as Kind[]) {
      if (!/^(credentials|token)\./.test(kind)) continue
      const guard = compileAuthenticate(stubScheme(() => bad(kind as CredentialKind, 'sub=alice kid=7')))
      const sent = refusal(decide(guard, facts())).fields?.join('\n') ?? ''
      assert.doesNotMatch(sent, /description|alice|kid/)
    }
  })

  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'PROPFIND']) {
    test(`AUT-12: ${method} does not skip authentication`, () => {
      const guard = compileAuthenticate(stubScheme(() => NO_CREDENTIALS))
      const fields = [HOST, ['Origin', 'https://app.example.com']] as const
      assert.equal(refusal(decide(guard, facts({ method, fields }))).kind, 'credentials.missing')
    })
  }
})

describe('challenges', () => {
  test('AUT-01: each challenge has a field line of its own', () => {
    const scheme = stubScheme(() => NO_CREDENTIALS, {
      challenges: () => ['Bearer realm="a, b"', 'Basic realm="c"'],
    })
    assert.deepEqual(refusal(decide(compileAuthenticate(scheme), facts())).fields, [
      'WWW-Authenticate',
      'Bearer realm="a, b"',
      'WWW-Authenticate',
      'Basic realm="c"',
    ])
  })

  const rows: readonly (readonly [name: string, given: readonly unknown[], sent: readonly string[]])[] = [
    ['none', [], ['stub']],
    ['an empty one', [''], ['stub']],
    ['one with a line break', ['Stub x\r\nSet-Cookie: a=b', 'Stub'], ['Stub']],
    ['one that is no text', [7, undefined, 'Stub'], ['Stub']],
    ['the same one twice', ['Stub', 'Stub'], ['Stub']],
  ]
  for (const [name, given, sent] of rows) {
    test(`AUT-01: a scheme that gives ${name} still sends a challenge, and only challenges`, () => {
      const scheme = stubScheme(() => NO_CREDENTIALS, { challenges: () => given as string[] })
      const { fields } = refusal(decide(compileAuthenticate(scheme), facts()))
      assert.deepEqual(
        fields,
        sent.flatMap((text) => ['WWW-Authenticate', text]),
      )
    })
  }

  test('AUT-01: a scheme without challenges and with a name that is no token is Unknown', () => {
    const scheme = stubScheme(() => NO_CREDENTIALS, { name: 'my scheme', challenges: () => [] })
    assert.deepEqual(refusal(decide(compileAuthenticate(scheme), facts())).fields, [
      'WWW-Authenticate',
      'Unknown',
    ])
  })

  test('AUT-01: challenges are made when the policy is compiled, never for a refusal', () => {
    let made = 0
    const scheme = stubScheme(() => NO_CREDENTIALS, { challenges: () => [`Stub ${++made}`] })
    const guard = compileAuthenticate(scheme)
    const before = made
    for (let i = 0; i < 3; i++) void decide(guard, facts())
    assert.equal(made, before)
  })
})

describe('a scheme that fails', () => {
  const secret = 'hunter2'
  const failing: readonly (readonly [name: string, identify: () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error(secret)
      },
    ],
    ['rejects', () => Promise.reject(new Error(secret))],
    ['rejects with nothing', () => Promise.reject()],
    ['gives nothing', () => undefined],
    ['promises nothing', () => Promise.resolve()],
    ['gives null', () => null],
    ['gives true', () => true],
    ['gives a text', () => 'authenticated'],
    ['gives a type of its own', () => ({ type: 'ok', principal: caller() })],
    ['authenticates nobody', () => ({ type: 'authenticated' })],
    ['authenticates null', () => authenticated(null as never)],
    ['gives an empty subject', () => authenticated(caller({ subject: '' }))],
    ['gives a subject that is a number', () => authenticated(caller({ subject: 7 as never }))],
    ['gives an issuer that is an object', () => authenticated(caller({ issuer: {} as never }))],
    ['gives no name', () => authenticated(caller({ scheme: undefined as never }))],
    ['gives scopes as one text', () => authenticated(caller({ scopes: 'admin:read' as never }))],
    ['gives scopes that are no texts', () => authenticated(caller({ scopes: [['a']] as never }))],
    ['gives no roles', () => authenticated(caller({ roles: undefined as never }))],
    ['gives roles as a set', () => authenticated(caller({ roles: new Set(['admin']) as never }))],
    ['refuses with a kind of nowhere', () => bad('token.nonsense' as never, 'x')],
    ['refuses with a kind that lets pass', () => bad('request.allowed' as never, 'x')],
    ['refuses with a name of Object', () => bad('constructor' as never, 'x')],
    ['refuses with a reason that is no text', () => bad('token.expired', { secret } as never)],
    [
      'has a then that throws',
      () => ({
        get then() {
          throw new Error(secret)
        },
      }),
    ],
  ]
  for (const [name, identify] of failing) {
    test(`AUT-10, AUT-15: one that ${name} is a 503 without a word about it, never an anonymous caller`, async () => {
      const verdict = await decide(compileAuthenticate(stubScheme(identify)), withAuthorization('Stub x'))
      const { kind, reason, fields } = refusal(verdict)
      assert.equal(kind, 'dependency.failed')
      assert.equal(statusOf(kind), 503)
      // The log tells a scheme that failed from one that does not keep its word.
      const said = /throws|rejects/.test(name)
        ? 'threw or rejected'
        : 'gave nothing that is an identification'
      assert.equal(reason, `the authentication scheme ${said}`)
      assert.equal(fields, undefined)
    })
  }

  test('AUT-10: a scheme can say itself that what it depends on failed', () => {
    const guard = compileAuthenticate(stubScheme(() => bad('dependency.failed', 'the key set')))
    const { kind, reason, fields } = refusal(decide(guard, facts()))
    assert.deepEqual([kind, reason, fields], ['dependency.failed', 'the key set', undefined])
  })
})

test('AUT-10: a promise is waited for, and a thenable that is no promise, too', async () => {
  const principal = caller()
  const thenable = {
    // oxlint-disable-next-line unicorn/no-thenable -- query builders are such objects
    then: (done: (found: unknown) => void) => done(authenticated(principal)),
  }
  for (const pending of [Promise.resolve(authenticated(principal)), thenable]) {
    const verdict = decide(compileAuthenticate(stubScheme(() => pending)), facts())
    assert.ok(verdict instanceof Promise)
    assert.deepEqual(await verdict, { type: 'pass', fields: undefined, principal, warning: undefined })
  }
})
