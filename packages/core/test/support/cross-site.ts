import assert from 'node:assert/strict'
import type { Fields, Verdict } from '../../src/contract/check.ts'
import type { Guard } from '../../src/contract/guard.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { compileCors, type CorsOptions } from '../../src/checks/cors.ts'
import { compileCrossSite, type CrossSiteOptions } from '../../src/checks/cross-site.ts'
import { mistakesAt, place } from './compile.ts'
import { facts, type FactsInit } from './facts.ts'

/** What a browser, or whoever pretends to be one, says of a request. */
export interface Said extends FactsInit {
  readonly site?: string
  readonly origin?: string
  readonly cookie?: string
  readonly authorization?: string
  /** Further fields: name, value, name, value, ... */
  readonly more?: Fields
}

/** A request as a browser sends it: a POST, unless it says otherwise. */
export function said({ site, origin, cookie, authorization, more = [], ...init }: Said = {}): RequestFacts {
  const fields: [string, string][] = [['Host', 'api.example.com']]
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) fields.push([name, value])
  }
  add('Sec-Fetch-Site', site)
  add('Origin', origin)
  add('Cookie', cookie)
  add('Authorization', authorization)
  for (let i = 0; i < more.length; i += 2) add(more[i] ?? '', more[i + 1])
  return facts({ method: 'POST', fields, ...init })
}

/** What a policy says of other sites. */
export interface CrossSitePolicy {
  readonly crossSite?: CrossSiteOptions
  readonly cors?: CorsOptions
  readonly keyFields?: readonly string[]
}

/** A compiled check, as the chain runs it: `cors` before it. */
export interface CrossSite {
  readonly guard: Guard
  readonly decide: (request: RequestFacts) => Verdict
}

/** Compiles options that have no mistake. */
export function crossSite({ crossSite: options, cors, keyFields = [] }: CrossSitePolicy = {}): CrossSite {
  const where = place('policy')
  const corsGuard = cors === undefined ? undefined : compileCors(where, cors, { exposed: [] })
  const { enforced } = compileCrossSite(where, options, { cors: corsGuard?.trust, keyFields })
  assert.deepEqual(mistakesAt(where), [])
  return {
    guard: enforced,
    decide(request) {
      void corsGuard?.check?.decide(request)
      const verdict = enforced.check?.decide(request)
      assert.ok(verdict !== undefined && !(verdict instanceof Promise), 'is decided at once')
      return verdict
    },
  }
}

/** A verdict as `pass`, or the kind of its refusal. */
export function outcome(policy: CrossSite, given: Said): string {
  const verdict = policy.decide(said(given))
  return verdict.type === 'refusal' ? verdict.kind : verdict.type
}
