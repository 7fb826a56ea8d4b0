import type { Check, Seen } from './check.ts'
import { type Answer, fieldOf } from './http.ts'
import type { Claimed, Site } from './site.ts'

/** What pages of other origins may do. */
export const CORS_SITE_CHECKS: readonly Check<Site>[] = [
  {
    code: 'site.cors-reflects',
    severity: 'error',
    title: 'Every origin that asks is allowed.',
    why: 'The origin of the request is written back, so that any page of the web reads what the API answers.',
    instead: "cors: { origins: ['https://app.example.com'] }",
    reference: 'docs/checks/cors.md',
    *find({ origins }) {
      const [stranger] = origins
      if (stranger !== undefined && isReflected(stranger)) yield seen(stranger)
    },
  },
  {
    code: 'site.cors-credentials',
    severity: 'error',
    title: 'Every origin may call with the cookies of its visitors.',
    why: 'Any page that somebody is lured to reads his data and acts in his name.',
    instead: "cors: { origins: ['https://app.example.com'], credentials: true }",
    reference: 'docs/checks/cors.md',
    *find({ origins }) {
      for (const claimed of origins.filter(isReflected).slice(0, 1))
        if (fieldOf(claimed.answer, 'access-control-allow-credentials') === 'true') yield seen(claimed)
    },
  },
  {
    code: 'site.cors-null',
    severity: 'error',
    title: 'The origin null is allowed.',
    why: 'Every sandboxed frame of every page has it.',
    instead: "cors: { origins: ['https://app.example.com'] }",
    reference: 'docs/checks/cors.md',
    *find({ origins }) {
      for (const claimed of origins) if (claimed.claim === 'null' && isReflected(claimed)) yield seen(claimed)
    },
  },
  {
    code: 'site.cors-loose',
    severity: 'error',
    title: 'Origins are compared by a part of their text.',
    why: 'A name that begins or ends like an allowed one, or has another character for its dot, can be registered by anybody.',
    instead: "cors: { origins: ['https://app.example.com', 'https://*.example.com'] }",
    reference: 'docs/checks/cors.md',
    *find({ origins }) {
      const [stranger, , ...alike] = origins
      // Where every origin is allowed this says nothing more.
      if (stranger === undefined || isReflected(stranger)) return
      for (const claimed of alike) if (isReflected(claimed)) yield seen(claimed)
    },
  },
  {
    code: 'site.cors-any-credentials',
    severity: 'warning',
    title: 'Every origin is allowed, and credentials as well.',
    why: 'Browsers refuse the two together, so that somebody will soon write the origin back to make it work.',
    instead: "cors: { origins: ['https://app.example.com'], credentials: true }",
    reference: 'docs/checks/cors.md (Fetch, CORS protocol and credentials)',
    *find({ origins }) {
      const [stranger] = origins
      if (stranger === undefined || allowed(stranger.answer) !== '*') return
      if (fieldOf(stranger.answer, 'access-control-allow-credentials') === 'true') yield seen(stranger)
    },
  },
  {
    code: 'site.cors-any',
    severity: 'info',
    title: 'Every page of the web may read what this URL answers.',
    why: 'It is right for public data. A server that only a network protects is read from inside of it.',
    instead: "cors: { origins: ['https://app.example.com'] }",
    reference: 'docs/checks/cors.md',
    *find({ origins }) {
      const [stranger] = origins
      if (stranger !== undefined && allowed(stranger.answer) === '*') yield seen(stranger)
    },
  },
  {
    code: 'site.cors-no-vary',
    severity: 'warning',
    title: 'An answer for one origin does not vary by Origin.',
    why: 'A cache gives it to a page of another origin, which then cannot read it, or to one that should not.',
    instead: 'Vary: Origin',
    reference: 'docs/checks/cors.md (Fetch, CORS protocol and HTTP caches)',
    *find({ origins, plain }) {
      for (const answer of [plain, ...origins.map((claimed) => claimed.answer)]) {
        const origin = allowed(answer)
        if (origin === undefined || origin === '*') continue
        const vary = (fieldOf(answer, 'vary') ?? '').toLowerCase()
        if (vary !== '*' && !vary.split(/\s*,\s*/).includes('origin'))
          return yield { where: answer?.url ?? '', detail: `Access-Control-Allow-Origin is ${origin}.` }
      }
    },
  },
  {
    code: 'site.preflight-any',
    severity: 'error',
    title: 'A preflight of a stranger is allowed.',
    why: 'Scripts of any page may then send DELETE and other methods, with fields of their own.',
    instead: "cors: { origins: ['https://app.example.com'], methods: ['DELETE'] }",
    reference: 'docs/checks/cors.md',
    *find({ preflights }) {
      for (const claimed of preflights) {
        const methods = fieldOf(claimed.answer, 'access-control-allow-methods')?.toUpperCase() ?? ''
        const isAllowed = allowed(claimed.answer) === '*' || isReflected(claimed)
        if (isAllowed && /\bDELETE\b|\*/.test(methods))
          return yield { where: claimed.answer?.url ?? '', detail: `Asked for ${claimed.claim}.` }
      }
    },
  },
  {
    code: 'site.private-network',
    severity: 'warning',
    title: 'Pages of the public network may reach this server on a private one.',
    why: 'A page that somebody opens at his desk then speaks to what is behind his firewall.',
    instead: 'Leave Access-Control-Allow-Private-Network out.',
    reference: 'docs/checks/cors.md',
    *find({ preflights }) {
      for (const claimed of preflights)
        if (fieldOf(claimed.answer, 'access-control-allow-private-network') === 'true')
          return yield seen(claimed)
    },
  },
]

function allowed(answer: Answer | undefined): string | undefined {
  return fieldOf(answer, 'access-control-allow-origin')
}

function isReflected({ claim, answer }: Claimed): boolean {
  return allowed(answer) === claim
}

function seen({ claim, answer }: Claimed): Seen {
  return { where: answer?.url ?? '', detail: `Asked as a page of ${claim}.` }
}
