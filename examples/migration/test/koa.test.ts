import { guide, side } from './support/guide.ts'

/** What happens to the fields of koa-helmet. */
const TAKEN_OFF =
  'Koa takes all fields off before it answers an error, those of koa-helmet with them. The gate puts its own on when a response leaves.'

guide({
  page: 'koa',
  name: 'koa',
  files: ['koa/old.ts', 'koa/new.ts'],
  before: async () => side((await import('../src/koa/old.ts')).server),
  after: async () => side((await import('../src/koa/new.ts')).server),
  why: {
    'preflight, other page':
      'A preflight that is denied says so. Before it went on to the token check, which no preflight can pass.',
    'content-security-policy': `${TAKEN_OFF} Data needs no source at all; the preset \`page\` is for HTML.`,
    'cross-origin-opener-policy': TAKEN_OFF,
    'cross-origin-resource-policy': TAKEN_OFF,
    'origin-agent-cluster': TAKEN_OFF,
    'referrer-policy': TAKEN_OFF,
    'strict-transport-security': `${TAKEN_OFF} It is never sent over plain http (RFC 6797 §7.2), and for names below the host only with \`includeSubDomains\`.`,
    'x-content-type-options': TAKEN_OFF,
    'x-dns-prefetch-control': TAKEN_OFF,
    'x-frame-options': `${TAKEN_OFF} Nobody frames data.`,
    'x-permitted-cross-domain-policies': TAKEN_OFF,
  },
})
