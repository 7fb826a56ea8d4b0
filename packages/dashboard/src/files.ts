import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A file that the page is made of. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

const { resolve } = createRequire(import.meta.url)
const own = (path: string): URL => new URL(`../${path}`, import.meta.url)

const HTML = 'text/html; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'
const STYLE = 'text/css; charset=utf-8'

/** Names below the base, and what is there. `src` and `dist` lie side by side, so both find the same files. */
const FILES: readonly (readonly [name: string, type: string, file: () => URL | string])[] = [
  ['', HTML, () => own('public/index.html')],
  ['index.html', HTML, () => own('public/index.html')],
  ['style.css', STYLE, () => own('public/style.css')],
  ['icon.svg', 'image/svg+xml', () => own('public/icon.svg')],
  ['app.js', SCRIPT, () => own('dist/page.js')],
  ['page.js.map', 'application/json', () => own('dist/page.js.map')],
  ['uplot.js', SCRIPT, () => resolve('uplot/dist/uPlot.iife.min.js')],
  ['uplot.css', STYLE, () => resolve('uplot/dist/uPlot.min.css')],
]

/** Reads all of them, once. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  return new Map(FILES.map(([name, type, file]) => [name, { type, body: readFileSync(file()) }]))
}
