import { readFileSync } from 'node:fs'

/** A file of the page, read at the start. */
export interface Asset {
  readonly path: string
  readonly type: string
  readonly body: Buffer
}

const FILES = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/assets/app.js', file: 'app.js', type: 'text/javascript; charset=utf-8' },
  { path: '/assets/why.js', file: 'why.js', type: 'text/javascript; charset=utf-8' },
  { path: '/assets/style.css', file: 'style.css', type: 'text/css; charset=utf-8' },
] as const

/** The page and what it is made of. */
export function assets(): readonly Asset[] {
  return FILES.map(({ path, file, type }) => ({
    path,
    type,
    body: readFileSync(new URL(`../public/${file}`, import.meta.url)),
  }))
}
