import { guide, side } from './support/guide.ts'

guide({
  page: 'fastify',
  name: 'fastify',
  files: ['fastify/old.ts', 'fastify/new.ts'],
  before: async () => side((await import('../src/fastify/old.ts')).server),
  after: async () => side((await import('../src/fastify/new.ts')).server),
  why: {
    'over it, forged tokens':
      'The limit by address is decided before a signature is checked. @fastify/rate-limit hangs its hook behind those of the route: what `authenticate` refuses is not counted, and tokens can be guessed without end.',
    'x-ratelimit-limit':
      "`rateLimitFields: 'x-ratelimit'` sends these fields as well or instead. What `authenticate` had refused had none.",
  },
})
