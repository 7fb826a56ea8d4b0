import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type Attacked, honest, requestAttacks } from './attacks/requests.ts'
import { type MustNot, tokenAttacks } from './attacks/tokens.ts'
import type { FakeIssuer } from './fake-issuer.ts'
import { CALLERS, type TokenClaims } from './issuer/callers.ts'
import { reaching, type Target } from './target.ts'

/** Options of {@link withstands}. */
export interface AttackOptions extends Omit<Attacked, 'token'> {
  /** The API: its listener, its server (which `gate.attach` was called with, best), or a URL of it. */
  readonly target: Target
  /** Whose tokens the API takes: what is forged is forged in its name. */
  readonly issuer: FakeIssuer
  /**
   * The claims of a token that the path lets in.
   *
   * @default those of `CALLERS.bob`, an administrator
   */
  readonly claims?: TokenClaims
}

/** One attack on an API. */
export interface AttackCheck {
  /** The family of the attack and its name, or which honest request has to be answered. */
  readonly title: string
  /** Attacks, and rejects when the API does what it must not. */
  readonly run: () => Promise<void>
}

/**
 * Registers tests with `node:test` that an API withstands every attack of {@link tokenAttacks} and {@link requestAttacks}. Before them
 * honest requests have to be answered, so that no attack is withstood by an API that refuses everything.
 *
 * @example
 * withstands({ target: server, issuer, host: 'api.example.com', path: '/admin/users', origin: 'https://app.example.com' })
 */
export function withstands(options: AttackOptions): void {
  const { checks, close } = attackChecks(options)
  describe('withstands', () => {
    after(close)
    for (const { title, run } of checks) test(title, run)
  })
}

/**
 * The same as plain functions, for another runner.
 *
 * @example
 * const { checks, close } = attackChecks({ target: server, issuer, host: 'api.example.com', path: '/admin/users' })
 * for (const { title, run } of checks) it(title, run)
 * afterAll(close)
 */
export function attackChecks(options: AttackOptions): {
  /** In this order: honest requests, which must be answered; the attacks; and an honest request again. */
  readonly checks: readonly AttackCheck[]
  /** Ends all servers that the tests have started. */
  readonly close: () => Promise<void>
} {
  const { target, issuer, claims = CALLERS.bob.claims, host, path, post, origin } = options
  const token = issuer.token(claims, { expiresIn: 3600 })
  const { reach, close } = reaching(target)
  const ask = async (request: string): Promise<string> => (await reach()).bytes(request)
  const bearer = `Authorization: Bearer ${token}`

  const succeeds = (title: string, request: string, also?: RegExp): AttackCheck => ({
    title: `answers ${title}`,
    async run() {
      const answer = await ask(request)
      assert.match(answer, /^HTTP\/1\.1 2\d\d /, `an honest request is refused: ${answer.slice(0, 600)}`)
      if (also !== undefined) assert.match(answer, also)
    },
  })
  const attack = (title: string, request: string, mustNot: MustNot): AttackCheck => ({
    title,
    async run() {
      const answer = await ask(request)
      // Neither shows that the attack was withstood: a limit came before it, or a handler had it and failed.
      assert.doesNotMatch(answer, /^HTTP\/1\.[01] 429 /m, `${title}: a limit came first: raise it for tests`)
      assert.doesNotMatch(
        answer,
        /^HTTP\/1\.[01] 5\d\d /m,
        `${title}: the API failed: ${answer.slice(0, 600)}`,
      )
      const wrong = violationOf(mustNot, answer)
      assert.equal(wrong, undefined, `${title}: ${wrong}: ${answer.slice(0, 600)}`)
    },
  })
  const attacked: Attacked = { host, path, token, ...(post && { post }), ...(origin && { origin }) }
  return {
    checks: [
      succeeds('an honest request', honest(host, 'GET', path, [bearer])),
      ...(post === undefined
        ? []
        : [
            succeeds(
              'honest content',
              honest(
                host,
                'POST',
                post.path,
                [bearer, 'Content-Type: application/json'],
                JSON.stringify(post.json),
              ),
            ),
          ]),
      ...(origin === undefined
        ? []
        : [
            succeeds(
              'an honest origin',
              honest(host, 'GET', path, [bearer, `Origin: ${origin}`]),
              /^access-control-allow-origin: https:/im,
            ),
          ]),
      ...tokenAttacks(issuer, claims).map((each) =>
        attack(
          `${each.family}: ${each.name}`,
          honest(host, 'GET', path, [`Authorization: Bearer ${each.token}`]),
          each.mustNot,
        ),
      ),
      ...requestAttacks(attacked).map((each) =>
        attack(`${each.family}: ${each.name}`, each.request, each.mustNot),
      ),
      // An API that has shut its door after so many attacks has withstood none of the later ones.
      succeeds('an honest request after all of them', honest(host, 'GET', path, [bearer])),
    ],
    close,
  }
}

/**
 * What an API did that it must not, by its answer as bytes; `undefined` when it withstood. Every answer on the connection counts: a
 * request within a request has one of its own.
 */
export function violationOf(mustNot: MustNot, answer: string): string | undefined {
  const allows = /^access-control-allow-origin: *(.*)\r$/im.exec(answer)
  switch (mustNot) {
    case 'succeed':
      return /^HTTP\/1\.[01] [23]\d\d /m.test(answer) ? 'it was let in' : undefined
    case 'allow-origin':
      return allows === null ? undefined : `pages of ${allows[1]} may read the answer`
  }
}
