import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Gate, OpenApiDocument } from '@gatehouse/core'
import type { Asset } from './page.ts'
import type { DemoPrincipal } from './policy.ts'

const resolve = createRequire(import.meta.url).resolve

/** Swagger UI, and the page that shows it. */
export function docsAssets(): readonly Asset[] {
  const own = (file: string): URL => new URL(`../public/${file}`, import.meta.url)
  return [
    { path: '/docs', type: 'text/html; charset=utf-8', file: own('docs.html') },
    { path: '/docs/docs.js', type: 'text/javascript; charset=utf-8', file: own('docs.js') },
    {
      path: '/docs/swagger-ui-bundle.js',
      type: 'text/javascript; charset=utf-8',
      file: resolve('swagger-ui-dist/swagger-ui-bundle.js'),
    },
    {
      path: '/docs/swagger-ui.css',
      type: 'text/css; charset=utf-8',
      file: resolve('swagger-ui-dist/swagger-ui.css'),
    },
  ].map(({ path, type, file }) => ({ path, type, body: readFileSync(file) }))
}

const json = (description: string): object => ({
  description,
  content: { 'application/json': { schema: { type: 'object' } } },
})
const problem = {
  default: {
    description: 'A refusal, as a problem (RFC 9457).',
    content: { 'application/problem+json': { schema: { type: 'object' } } },
  },
}

/** What the API does. Who may call it is not said here: the gate writes that in. */
const PATHS: NonNullable<OpenApiDocument['paths']> = {
  '/health': {
    get: { operationId: 'health', summary: 'Whether it runs', responses: { 200: json('It does.') } },
  },
  '/secure-data': {
    get: {
      operationId: 'secureData',
      summary: 'The data',
      responses: { 200: json('The data, and for whom.'), ...problem },
    },
  },
  '/notes': {
    get: {
      operationId: 'listNotes',
      summary: 'All notes',
      responses: { 200: json('The notes.'), ...problem },
    },
    post: {
      operationId: 'addNote',
      summary: 'Write a note',
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
            example: { text: 'A note from the documents' },
          },
        },
      },
      responses: { 201: json('The note.'), ...problem },
    },
  },
  '/admin/events': {
    get: {
      operationId: 'events',
      summary: 'The last security events',
      responses: { 200: json('The events.'), ...problem },
    },
  },
}

/** The OpenAPI document of the demo, with what the policy asks of each operation. */
export function openApiDocument(gate: Gate<DemoPrincipal>): OpenApiDocument {
  return gate.openapi({ openapi: '3.1.1', info: { title: 'Gatehouse demo', version: '1.0.0' }, paths: PATHS })
}
