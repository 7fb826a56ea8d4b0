import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gatehouse, memoryStore, type Gate, type Store } from '@gatehouse/core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launch, open, skip, type Watched } from '../../core/test/support/browser.ts'
import { type Running, start } from '../../core/test/support/http.ts'
import { as, testScheme, type TestPrincipal } from '../../core/test/support/scheme.ts'
import { type Dashboard, DASHBOARD_HEADERS, dashboard, type ShownAlert } from '../src/index.ts'

/** Where screenshots go; nowhere unless it is said. */
const SHOTS = process.env['GATEHOUSE_SCREENSHOTS']

/** A store that can be made to fail. */
function fragileStore(): Store & { isBroken: boolean } {
  const store = memoryStore()
  const broken = { isBroken: false }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'isBroken') return broken.isBroken
      if (name === 'take' && broken.isBroken) return () => Promise.reject(new Error('the store is away'))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set(_target, name, value) {
      if (name === 'isBroken') broken.isBroken = value === true
      return true
    },
  }) as Store & { isBroken: boolean }
}

const FIRING: ShownAlert = {
  id: 'a-1',
  rule: 'credential-stuffing',
  severity: 'critical',
  state: 'firing',
  key: '127.0.0.1',
  count: 31,
  threshold: 20,
  since: new Date().toISOString(),
  meaning: 'Many logins fail, for many accounts.',
  advice: 'Look at who succeeds among them.',
}

describe('the dashboard in a browser', { skip }, () => {
  let browser: Browser
  let gate: Gate<TestPrincipal>
  let board: Dashboard
  let running: Running
  let base: string
  const store = fragileStore()
  const alerts: ShownAlert[] = []

  before(async () => {
    if (skip !== false) return
    browser = await launch()
    running = await start(createServer())
    board = dashboard({ title: 'Orders', alerts: { active: () => alerts, recent: () => alerts } })
    gate = gatehouse<TestPrincipal>({
      hosts: [`127.0.0.1:${running.port}`],
      https: 'dangerouslyAllowHttp',
      authenticate: testScheme(),
      store,
      rateLimit: { name: 'address', limit: 400, window: '1m', whenStoreFails: 'open' },
      routes: {
        'GET /open': { public: 'a test', rateLimit: { name: 'burst', limit: 20, window: '1m' } },
        'POST /trial': { public: 'a test', content: { types: 'json', required: true } },
        'POST /token': { public: 'logins' },
        'GET /orders/:id': { scopes: ['orders:read'] },
        '/gatehouse/*': { roles: ['ops'], headers: DASHBOARD_HEADERS, rateLimit: 'exempt' },
      },
      shadow: ['content'],
      observe: [board.observe],
    })
    board.watch(gate)
    running.server.on(
      'request',
      gate.handler((req, res, pass) => {
        if (pass.path.startsWith('/gatehouse/')) return board.handler(req, res, pass)
        if (pass.path !== '/token') return res.end('ok')
        pass.tell('refused', 'credentials.wrong', 'the password of the account is wrong')
        return res.writeHead(400).end()
      }),
    )
    base = `http://127.0.0.1:${running.port}`
    if (SHOTS !== undefined && !existsSync(SHOTS)) mkdirSync(SHOTS, { recursive: true })
  })
  after(async () => {
    board?.close()
    await running?.close()
    await gate?.close()
    await browser?.close()
  })

  const send = (path: string, fields: readonly string[] = [], method = 'GET'): Promise<unknown> =>
    running.send({ method, path, fields })

  async function openBoard(options: BrowserContextOptions = {}): Promise<Watched> {
    const watched = await open(browser, {
      extraHTTPHeaders: { Authorization: as('olga', '-', 'ops')[1] ?? '' },
      viewport: { width: 1280, height: 900 },
      ...options,
    })
    await watched.page.goto(`${base}/gatehouse/`)
    await watched.page.locator('#connection[data-state=live]').waitFor()
    return watched
  }

  async function shot(page: Page, name: string): Promise<void> {
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
  }

  const tab = (page: Page, name: string): Promise<void> => page.getByRole('tab', { name }).click()
  const text = (page: Page, words: string | RegExp) => page.locator('main').getByText(words).first().waitFor()

  test('LOG-01: it says what would be there while there is nothing', async () => {
    const { page, complaints } = await openBoard()
    await text(page, 'Nothing has been refused.')
    await tab(page, 'Offenders')
    await text(page, 'Nobody has been refused.')
    await tab(page, 'Alerts')
    await text(page, 'No alert has fired.')
    await shot(page, 'empty')
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('LOG-01: it shows a flood, a stuffing run and a store failure while they happen', async () => {
    const { page, complaints } = await openBoard({ colorScheme: 'light' })
    for (let i = 0; i < 60; i++) await send('/open')
    for (let i = 0; i < 8; i++) await send('/trial', [], 'POST')
    await text(page, 'limit.exceeded')
    await tab(page, 'Limits')
    await text(page, /(?:1\d|20) of 20/)
    await shot(page, 'flood-limits')

    for (let i = 0; i < 30; i++) await send('/token', [], 'POST')
    for (let i = 0; i < 5; i++) await send('/orders/7', as('bad'))
    await tab(page, 'Offenders')
    await text(page, /credentials\.wrong 30/)
    alerts.push(FIRING)
    await text(page, 'Alert credential-stuffing about 127.0.0.1')

    store.isBroken = true
    for (let i = 0; i < 12; i++) await send('/open')
    await text(page, 'The store of the limits fails.')
    await tab(page, 'Alerts')
    await text(page, 'store.down')
    await shot(page, 'store-down')
    await tab(page, 'Refusals')
    await shot(page, 'light')
    await tab(page, 'Routes')
    await text(page, '/orders/:id')
    await shot(page, 'routes')

    await page.emulateMedia({ colorScheme: 'dark' })
    await tab(page, 'Refusals')
    await shot(page, 'dark')
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('it fits a telephone and a wide screen', async () => {
    for (const width of [360, 768, 1600]) {
      const { page, complaints } = await openBoard({ viewport: { width, height: 800 } })
      for (const name of ['Refusals', 'Offenders', 'Limits', 'Alerts', 'Shadow mode', 'Routes']) {
        await tab(page, name)
        const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
        assert.ok(Number(wide) <= 0, `${name} is ${String(wide)} pixels wider than ${width}`)
      }
      await tab(page, 'Refusals')
      await shot(page, `width-${width}`)
      assert.deepEqual(complaints, [])
      await page.context().close()
    }
  })

  test('all of it is reached by the keyboard', async () => {
    const { page } = await openBoard()
    const focused = (): Promise<string> =>
      page.evaluate('document.activeElement.id || document.activeElement.className')
    const reached: string[] = []
    for (let i = 0; i < 7; i++) {
      await page.keyboard.press('Tab')
      reached.push(await focused())
    }
    assert.deepEqual(reached.slice(0, 1), ['skip'])
    for (const id of ['pause', 'tab-refusals']) assert.ok(reached.includes(id), `${id} of ${reached.join()}`)

    await page.locator('#pause').focus()
    await page.keyboard.press('Space')
    assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'true')
    await page.keyboard.press('Space')
    assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'false')

    await page.locator('#tab-refusals').focus()
    await page.keyboard.press('ArrowRight')
    assert.equal(await focused(), 'tab-offenders')
    assert.ok(await page.locator('#panel-offenders').isVisible())
    assert.ok(!(await page.locator('#panel-refusals').isVisible()))
    await page.keyboard.press('End')
    assert.equal(await focused(), 'tab-routes')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'scroll')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Home')
    assert.equal(await focused(), 'tab-refusals')
    await page.locator('input[name=window]').first().focus()
    await page.keyboard.press('ArrowRight')
    assert.ok(await page.locator('input[value="900"]').isChecked())
    await page.context().close()
  })

  test('while it is paused nothing moves, and nothing is missing afterwards', async () => {
    const { page } = await openBoard()
    await page.locator('#pause').click()
    const still = await page.locator('main').textContent()
    const other = await openBoard()
    await send('/orders/seen-later', as('bad'))
    // Both are told at the same moment.
    await text(other.page, 'GET /orders/seen-later')
    await other.page.context().close()
    assert.equal(await page.locator('main').textContent(), still)
    await page.locator('#pause').click()
    await text(page, 'GET /orders/seen-later')
    await page.context().close()
  })

  test('LOG-03: what a client chose is text, and nothing else', async () => {
    const { page, complaints } = await openBoard()
    await send('/orders/<img src=x onerror=alert(1)>'.replaceAll(' ', '%20'), as('bad'))
    await send("/orders/'-alert(1)-'", as('bad'))
    await text(page, /-alert\(1\)-/)
    assert.equal(await page.locator('main img').count(), 0)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('a page that is cut off says so, and comes back by itself', async () => {
    const { page } = await openBoard()
    await page.context().setOffline(true)
    board.close()
    await page.locator('#connection[data-state=lost]').waitFor()
    await shot(page, 'lost')
    await page.context().setOffline(false)
    await page.locator('#connection[data-state=live]').waitFor()
    await page.context().close()
  })
})
