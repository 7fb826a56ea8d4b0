import { readFileSync } from 'node:fs'

/** A file of the page, read at the start. */
export interface Asset {
  readonly path: string
  readonly type: string
  readonly body: Buffer
}

const FILES = [
  { path: '/assets/app.js', file: 'app.js', type: 'text/javascript; charset=utf-8' },
  { path: '/assets/why.js', file: 'why.js', type: 'text/javascript; charset=utf-8' },
  { path: '/assets/style.css', file: 'style.css', type: 'text/css; charset=utf-8' },
] as const

const NONCE = '{nonce}'

/** The page itself, for a response with a nonce: it names the one script that the page begins with. */
export function page(): (nonce: string) => string {
  const parts = readFileSync(new URL('../public/index.html', import.meta.url), 'utf8').split(NONCE)
  return (nonce) => parts.join(nonce)
}

/** What the page is made of. */
export function assets(): readonly Asset[] {
  return FILES.map(({ path, file, type }) => ({
    path,
    type,
    body: readFileSync(new URL(`../public/${file}`, import.meta.url)),
  }))
}
