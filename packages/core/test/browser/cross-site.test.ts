import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { skip } from '../support/browser.ts'
import { type Sites, startSites } from './cross-site-sites.ts'

const REFUSED = 'cross-site.refused'
const LOAD_REFUSED = 'cross-site.load-refused'

let count = 0
/** A path that no other test asks for. */
const fresh = (): string => `/on/${++count}`

/** Scripts of pages, as text: what is compiled for these tests would look for its helpers in the page. */
const form = (url: string): string =>
  `(() => { const f = document.createElement('form'); f.method = 'post'; f.action = ${JSON.stringify(url)};
    document.body.append(f); f.submit() })()`
const sandboxed = (url: string): string =>
  `(() => { const f = document.createElement('iframe'); f.sandbox = 'allow-scripts allow-forms';
    f.srcdoc = '<form method="post" action="${url}"></form><script>document.forms[0].submit()</scr' + 'ipt>';
    document.body.append(f) })()`
const fetched = (url: string, init: string): string =>
  `void fetch(${JSON.stringify(url)}, ${init}).catch(() => 0)`
const beacon = (url: string): string => `void navigator.sendBeacon(${JSON.stringify(url)}, '{"to":"evil"}')`
const image = (url: string): string => `(() => { new Image().src = ${JSON.stringify(url)} })()`
const element = (name: string, url: string): string =>
  `(() => { const e = document.createElement('${name}'); e.src = e.data = ${JSON.stringify(url)}; document.body.append(e) })()`
const link = (url: string): string => `(() => { location.href = ${JSON.stringify(url)} })()`
const socket = (url: string): string =>
  `(() => { new WebSocket(${JSON.stringify(url.replace('http', 'ws'))}) })()`

for (const scheme of ['http', 'https'] as const) {
  describe(`a browser, and pages of other sites, over ${scheme}`, () => {
    let sites: Sites
    before(async () => {
      if (skip === false)
        sites = await startSites(scheme, (app) => ({
          cors: { origins: [app], credentials: true, methods: ['PUT'] },
        }))
    })
    after(() => sites?.close())

    type Where = 'api' | 'evil' | 'app' | 'sibling' | 'plain'
    const rows: readonly (readonly [
      name: string,
      where: Where,
      script: (url: string) => string,
      what: string,
      site: string | undefined,
    ])[] = [
      ['CSR-01: a form of a stranger, with the cookie', 'evil', form, REFUSED, 'cross-site'],
      ['CSR-01: a form of a sibling', 'sibling', form, REFUSED, 'same-site'],
      [
        'CSR-04: a form of the same host over http, on another port',
        'plain',
        form,
        REFUSED,
        scheme === 'https' ? 'cross-site' : 'same-site',
      ],
      ['CSR-01: a form of the own page', 'api', form, 'allowed', 'same-origin'],
      ['CSR-01: a form of a trusted page', 'app', form, 'allowed', 'cross-site'],
      ['CSR-01: a form in a sandboxed frame of a stranger', 'evil', sandboxed, REFUSED, 'cross-site'],
      ['CSR-10: a beacon with JSON as text', 'evil', beacon, REFUSED, 'cross-site'],
      [
        'CSR-10: a fetch that asks nobody, without a type',
        'evil',
        (url) =>
          fetched(url, `{ method: 'POST', mode: 'no-cors', credentials: 'include', body: new Blob(['{}']) }`),
        REFUSED,
        'cross-site',
      ],
      [
        'CSR-01: a fetch of a trusted page, after a preflight',
        'app',
        (url) => fetched(url, `{ method: 'PUT', credentials: 'include' }`),
        'allowed',
        'cross-site',
      ],
      [
        'CSR-01: a fetch of the own page',
        'api',
        (url) => fetched(url, `{ method: 'DELETE' }`),
        'allowed',
        'same-origin',
      ],
      ['CSR-01: an image of a stranger, which is no change', 'evil', image, 'allowed', 'cross-site'],
      ['WS-01: a WebSocket of a stranger', 'evil', socket, REFUSED, undefined],
      ['WS-01: a WebSocket of a sibling', 'sibling', socket, REFUSED, undefined],
      ['WS-01: a WebSocket of the own page', 'api', socket, 'allowed', undefined],
      ['WS-01: a WebSocket of a trusted page', 'app', socket, 'allowed', undefined],
    ]
    for (const [name, where, script, what, site] of rows) {
      test(
        `${name} is ${what === 'allowed' ? 'let through' : 'refused'}`,
        { skip, timeout: 60_000 },
        async () => {
          const page = await sites.open(sites[where])
          const path = fresh()
          await page.evaluate(script(sites.api + path))
          const decided = await sites.decided(path)
          await page.context().close()
          assert.equal(decided.what, what)
          const { said } = decided
          assert.equal(said['sec-fetch-site'], site)
          // This browser keeps third-party cookies from what a page embeds; with a link and a form they come along.
          if (script === form || where === 'sibling') assert.match(said.cookie ?? '', /session=1/)
          if (said.origin !== undefined)
            assert.equal(said.origin, script === sandboxed ? 'null' : sites[where])
        },
      )
    }

    test(
      'CSR-01: a form of a trusted page that a stranger sends on is refused: nobody knows whose it is',
      { skip, timeout: 60_000 },
      async () => {
        const page = await sites.open(sites.app)
        const path = fresh()
        await page.evaluate(form(sites.evil + path))
        const { what, said } = await sites.decided(path)
        await page.context().close()
        assert.equal(what, REFUSED)
        assert.deepEqual([said.origin, said['sec-fetch-site']], ['null', 'cross-site'])
      },
    )

    test(
      'CSR-07: a form of a stranger is refused in a browser that the API does not know yet',
      { skip, timeout: 60_000 },
      async () => {
        const page: Page = await sites.open(sites.evil)
        await page.context().clearCookies()
        const path = fresh()
        await page.evaluate(form(sites.api + path))
        const { what, said } = await sites.decided(path)
        await page.context().close()
        assert.deepEqual([what, said.cookie], [REFUSED, undefined])
      },
    )
  })

  describe(`a browser, and pages that load what is isolated, over ${scheme}`, () => {
    let sites: Sites
    before(async () => {
      if (skip === false)
        sites = await startSites(scheme, (app) => ({
          cors: { origins: [app], credentials: true },
          crossSite: { isolate: 'resources' },
        }))
    })
    after(() => sites?.close())

    const cors = (url: string): string => fetched(url, `{ credentials: 'include' }`)
    const rows: readonly (readonly [
      name: string,
      where: 'api' | 'evil' | 'app' | 'sibling',
      script: (url: string) => string,
      what: string,
    ])[] = [
      ['an image of a stranger', 'evil', image, LOAD_REFUSED],
      ['an image of a sibling', 'sibling', image, LOAD_REFUSED],
      ['an image of the own page', 'api', image, 'allowed'],
      ['a script of a stranger', 'evil', (url) => element('script', url), LOAD_REFUSED],
      ['a frame of a stranger', 'evil', (url) => element('iframe', url), LOAD_REFUSED],
      ['an object of a stranger', 'evil', (url) => element('object', url), LOAD_REFUSED],
      ['an embed of a stranger', 'evil', (url) => element('embed', url), LOAD_REFUSED],
      ['a fetch of a stranger', 'evil', cors, LOAD_REFUSED],
      ['a fetch of a trusted page', 'app', cors, 'allowed'],
      ['a link of a stranger', 'evil', link, 'allowed'],
      ['a form of a stranger', 'evil', form, REFUSED],
    ]
    for (const [name, where, script, what] of rows) {
      test(
        `CSR-09: ${name} is ${what === 'allowed' ? 'let through' : 'refused'}`,
        { skip, timeout: 60_000 },
        async () => {
          const page = await sites.open(sites[where])
          const path = fresh()
          await page.evaluate(script(sites.api + path))
          const decided = await sites.decided(path)
          await page.context().close()
          assert.equal(decided.what, what)
        },
      )
    }
  })
}
