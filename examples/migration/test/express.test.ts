import { guide, side } from './support/guide.ts'

const now = async () => side((await import('../src/express/new.ts')).server)

guide({
  page: 'express',
  name: 'express-jwt',
  files: ['express/old.ts', 'express/new.ts'],
  before: async () => side((await import('../src/express/old.ts')).server),
  after: now,
})
guide({
  page: 'express',
  name: 'express-oauth2-jwt-bearer',
  files: ['express/old-oauth2.ts', 'express/new.ts'],
  before: async () => side((await import('../src/express/old-oauth2.ts')).server),
  after: now,
  why: {
    'Basic credentials':
      'To come without a token is no malformed request, whatever else comes: there is a challenge.',
  },
})
