import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { clearSiteData } from '../../src/lib/clear-site-data.ts'
import type { Gate, Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type BrowserReport, reportCollector } from '../../src/node/report-collector.ts'
import { FEATURES } from '../../src/checks/security-headers/permissions.ts'
import { launch, skip } from '../support/browser.ts'
import { makeCertificate } from '../support/certificate.ts'

/** What tells in the page that it ran. */
const script = (name: string): string => `document.documentElement.dataset.${name} = 'ran'`

const html = (body: string): string =>
  `<!doctype html><link rel="icon" href="data:,"><title>a test</title>${body}`

/** The pages of the test: each shows one thing. */
const PAGES: Readonly<Record<string, Handler<never>>> = {
  '/nonce': (_req, res, pass) =>
    res.end(
      html(
        `<script nonce="${pass.nonce}">${script('nonced')}</script><script>${script('bare')}</script>` +
          `<script nonce="${'A'.repeat(24)}">${script('guessed')}</script>`,
      ),
    ),
  '/unasked': (_req, res) =>
    res.end(html(`<script>${script('bare')}</script><script src="/script.js"></script>`)),
  '/script.js': (_req, res) => res.setHeader('Content-Type', 'text/javascript').end(script('loaded')),
  '/violation': (_req, res) => res.end(html(`<script>${script('bare')}</script>`)),
  '/legacy': (_req, res) => res.end(html(`<script>${script('bare')}</script>`)),
  '/features': (_req, res) => res.end(html('')),
  '/camera': (_req, res) => res.end(html('')),
  '/login': (_req, res) => res.setHeader('Set-Cookie', 'id=1; Secure; Path=/').end(html('')),
  '/logout': (_req, res) =>
    res.setHeader('Clear-Site-Data', clearSiteData(['cookies', 'storage'])).end(html('')),
}

for (const scheme of ['http', 'https'] as const) {
  describe(`a browser under the headers of the gate, over ${scheme}`, () => {
    let browser: Browser
    let gate: Gate<never>
    let base: string
    const reports: BrowserReport[] = []
    let server: Server

    before(async () => {
      if (skip !== false) return
      server = scheme === 'https' ? createTlsServer(await makeCertificate()) : createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const host = `localhost:${(server.address() as AddressInfo).port}`
      base = `${scheme}://${host}`
      // What is no https URL does not build.
      const reporting = { endpoints: { csp: `https://${host}/reports` } }
      const collect = reportCollector({ onReport: (report) => void reports.push(report) })
      const open = (headers?: object): object => ({
        public: 'a test',
        ...(headers !== undefined && { headers }),
      })
      gate = gatehouse({
        hosts: [host],
        https: 'dangerouslyAllowHttp',
        public: 'a test',
        headers: 'page',
        routes: {
          '/*': open(),
          '/nonce': open({ contentSecurityPolicy: { 'script-src': ["'nonce'", "'strict-dynamic'"] } }),
          '/unasked': open({ contentSecurityPolicy: { 'script-src': ["'nonce'", "'strict-dynamic'"] } }),
          '/violation': open({ reporting, contentSecurityPolicy: { 'report-to': 'csp' } }),
          '/legacy': open({ contentSecurityPolicy: { 'report-uri': ['/reports'] } }),
          '/camera': open({ permissionsPolicy: { camera: ['self'] } }),
          '/features': open({ permissionsPolicy: { fullscreen: [], gamepad: ['self'] } }),
        },
      })
      server.on(
        'request',
        gate.handler((req, res, pass) => {
          const [path = ''] = (req.url ?? '').split('?', 1)
          if (path === '/reports') return collect(req, res, pass)
          res.setHeader('Content-Type', 'text/html')
          return (PAGES[path] ?? ((_req, other) => other.writeHead(404).end()))(req, res, pass)
        }),
      )
      browser = await launch([
        // Reports are sent by the network service, which knows nothing of what a context ignores; and at once.
        '--ignore-certificate-errors',
        '--short-reporting-delay',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
      ])
    })
    after(async () => {
      await browser?.close()
      server?.closeAllConnections()
      server?.close()
      await gate?.close()
    })

    async function visit(path: string): Promise<Page> {
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      await page.goto(`${base}${path}`)
      return page
    }

    /** Which scripts of a page have run. */
    async function ran(page: Page): Promise<readonly string[]> {
      return Object.keys(await page.evaluate<object>('({ ...document.documentElement.dataset })'))
    }

    /** The first report about a page, once it is there. */
    async function reportOn(path: string): Promise<BrowserReport> {
      const end = Date.now() + 45_000
      for (;;) {
        const found = reports.find(({ url }) => url === `${base}${path}`)
        if (found !== undefined) return found
        assert.ok(Date.now() < end, `no report on ${path} came: ${JSON.stringify(reports)}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }

    test('HDR-06: a script with the nonce runs, and none without it or with another', { skip }, async () => {
      const page = await visit('/nonce')
      assert.deepEqual(await ran(page), ['nonced'])
      await page.reload()
      assert.deepEqual(await ran(page), ['nonced'], 'with the nonce of another response')
      await page.context().close()
    })

    test('HDR-06: where nobody asks for a nonce, no script runs', { skip }, async () => {
      const page = await visit('/unasked')
      assert.deepEqual(await ran(page), [])
      await page.context().close()
    })

    test('HDR-02: a page runs scripts of its own files', { skip }, async () => {
      const page = await visit('/login')
      await page.addScriptTag({ url: '/script.js' })
      assert.deepEqual(await ran(page), ['loaded'])
      await assert.rejects(page.addScriptTag({ url: 'data:text/javascript,1' }))
      await page.context().close()
    })

    for (const [path, way] of [
      ['/violation', 'report-to, by the endpoint of Reporting-Endpoints'],
      ['/legacy', 'report-uri'],
    ] as const) {
      // Browsers report to endpoints of secure pages alone (Reporting API §3.1).
      if (path === '/violation' && scheme === 'http') continue
      test(`HDR-08, HDR-09: a violation is stopped, and reported with ${way}`, { skip }, async () => {
        const page = await visit(`${path}?token=secret`)
        assert.deepEqual(await ran(page), [])
        const { type, body } = await reportOn(path)
        assert.equal(type, 'csp-violation')
        assert.deepEqual(
          [body['effectiveDirective'], body['blockedURL'], body['disposition'], body['documentURL']],
          ['script-src-elem', 'inline', 'enforce', `${base}${path}`],
        )
        await page.context().close()
      })
    }

    const camera = `navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'a stream', (error) => error.name)`
    test('HDR-02: features are denied, and allowed, as the policy says', { skip }, async () => {
      const page = await visit('/features')
      const allows = (feature: string): Promise<unknown> =>
        page.evaluate(`document.featurePolicy.allowsFeature('${feature}')`)
      assert.deepEqual(
        [await allows('fullscreen'), await allows('camera'), await allows('gamepad')],
        [false, false, true],
      )
      assert.equal(await page.evaluate(camera), 'NotAllowedError')
      await page.goto(`${base}/camera`)
      assert.equal(await page.evaluate(camera), 'a stream')
      await page.context().close()
    })

    test('HDR-02: the table has every feature that this browser knows', { skip }, async () => {
      const page = await visit('/features')
      const known = await page.evaluate<string[]>('document.featurePolicy.features()')
      const missing = known.filter(
        (name) => !name.startsWith('ch-') && !FEATURES.some((each) => each === name),
      )
      assert.ok(known.length > 30)
      assert.deepEqual(missing, [])
      await page.context().close()
    })

    test(
      'HDR-04: Clear-Site-Data of a logout takes the cookies and the storage with it',
      { skip },
      async () => {
        const page = await visit('/login')
        await page.evaluate(`localStorage.setItem('a', 'b')`)
        assert.equal((await page.context().cookies(base)).length, 1)
        await page.goto(`${base}/logout`)
        assert.deepEqual(await page.context().cookies(base), [])
        assert.equal(await page.evaluate(`localStorage.getItem('a')`), null)
        await page.context().close()
      },
    )
  })
}
