import { authenticated, bad, NO_CREDENTIALS, type Scheme } from '../../src/contract/scheme.ts'
import type { Principal } from '../../src/contract/principal.ts'

/** A principal of the test scheme. */
export interface TestPrincipal extends Principal {
  readonly scheme: 'test'
}

/**
 * A scheme that believes what it is told: `Authorization: Test NAME SCOPE,SCOPE ROLE,ROLE`. `Test bad` is a bad
 * credential, `Test throw` a scheme that fails, and with `late` every answer is a promise.
 */
export function testScheme(options: { readonly late?: boolean } = {}): Scheme<TestPrincipal> {
  return {
    name: 'test',
    compile: () => ({
      name: 'test',
      fields: ['authorization'],
      challenges: (params) => [
        ['Test realm="test"', ...params.map(([name, value]) => `${name}="${value}"`)].join(', '),
      ],
      identify(request) {
        const [scheme, subject, scopes = '', roles = ''] = (request.headers.authorization ?? '').split(' ')
        if (scheme !== 'Test' || subject === undefined) return NO_CREDENTIALS
        if (subject === 'bad') return bad('token.bad-signature', 'it is called bad')
        if (subject === 'throw') throw new Error('the scheme failed: secret detail')
        const list = (text: string): string[] => text.split(',').filter((each) => each !== '' && each !== '-')
        const found = authenticated<TestPrincipal>({
          scheme: 'test',
          subject,
          issuer: undefined,
          scopes: list(scopes),
          roles: list(roles),
        })
        return options.late === true ? Promise.resolve(found) : found
      },
    }),
  }
}

/** The fields of a caller of the test scheme. */
export function as(subject: string, scopes = '-', roles = '-'): readonly string[] {
  return ['Authorization', `Test ${subject} ${scopes} ${roles}`]
}
