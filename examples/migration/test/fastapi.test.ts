import { guide, side } from './support/guide.ts'
import { noFastApi, uvicorn } from './support/uvicorn.ts'

guide({
  page: 'fastapi',
  name: 'fastapi',
  files: ['fastapi/old.py', 'fastapi/new.ts'],
  before: () => uvicorn(new URL('../src/fastapi/', import.meta.url)),
  after: async () => side((await import('../src/fastapi/new.ts')).server),
  why: {
    preflight: 'An answer without content.',
    'preflight, other page': 'The request was fine, and the origin is not allowed: 403.',
    'preflight for DELETE': 'The same: no `methods` were said.',
    'over the limit': 'Starlette has no limiter. Leave `rateLimit` out, and nobody is refused.',
    'over it, forged tokens': 'The same. The limit by address is decided before a signature is checked.',
    'plain http': 'Plain http is sent to https for good, with the method as it was.',
    'retry-after': 'When one more request is granted.',
  },
  skip: noFastApi(),
})
