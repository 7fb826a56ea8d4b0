import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, skip } from '../../core/test/support/browser.ts'
import { as } from '../../core/test/support/scheme.ts'
import { eventOf } from './events.ts'
import { serve, type Served } from './support/board.ts'
import { OLGA, openBoard, shot, tab, text } from './support/page.ts'

describe('the dashboard in a browser', { skip }, () => {
  let browser: Browser

  before(async () => {
    if (skip === false) browser = await launch()
  })
  after(() => browser?.close())

  /** A gate of the test's own, until it is over: no test sees what another one did. */
  const serveFor = async (t: TestContext): Promise<Served> => {
    const served = await serve()
    t.after(() => served.close())
    return served
  }

  test('LOG-01: it says what would be there while there is nothing', async (t) => {
    const served = await serveFor(t)
    const { page, complaints } = await openBoard(browser, served.base)
    await text(page, 'Nothing has been refused.')
    await tab(page, 'Offenders')
    await text(page, 'Nobody has been refused.')
    await tab(page, 'Alerts')
    await text(page, 'No alert has fired.')
    await shot(page, 'empty')
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('LOG-01: the policy is shown route by route, and what shadow mode finds', async (t) => {
    const served = await serveFor(t)
    const { page, complaints } = await openBoard(browser, served.base)
    for (let i = 0; i < 8; i++) await served.send({ method: 'POST', path: '/trial' })
    await served.send({ path: '/orders/7', fields: as('bad') })
    await text(page, 'GET /orders/7')
    await tab(page, 'Shadow mode')
    await text(page, 'POST /trial')
    await page.getByRole('row', { name: 'content' }).getByText('8', { exact: true }).waitFor()
    await tab(page, 'Routes')
    await page.getByRole('row', { name: '/orders/:id' }).getByText('scopes: orders:read').waitFor()
    await page.getByRole('row', { name: '/gatehouse/*' }).getByText('roles: ops').waitFor()
    await shot(page, 'routes')
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('it fits a telephone and a wide screen', async (t) => {
    const served = await serveFor(t)
    for (const width of [360, 768, 1600]) {
      const { page, complaints } = await openBoard(browser, served.base, { viewport: { width, height: 800 } })
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

  test('all of it is reached by the keyboard', async (t) => {
    const served = await serveFor(t)
    const { page } = await openBoard(browser, served.base)
    await served.send({ path: '/orders/by-keyboard', fields: as('bad') })
    await text(page, 'GET /orders/by-keyboard')
    const focused = (): Promise<string> =>
      page.evaluate(
        `(({ id, className, name, type, tagName }) => (tagName === 'BODY' ? '' : id || className || name || (type === 'search' ? 'filter' : tagName)))(document.activeElement)`,
      )
    const reached: string[] = []
    // Whatever has the focus shows it, and lets go of it: after the last of the page comes its first.
    for (let i = 0; i < 12 && !reached.slice(1).includes('skip'); i++) {
      await page.keyboard.press('Tab')
      const at = await focused()
      reached.push(at)
      if (at === '') continue
      const outline = await page.evaluate(
        `getComputedStyle(document.activeElement.nextElementSibling?.matches('.window span') ? document.activeElement.nextElementSibling : document.activeElement).outlineStyle`,
      )
      assert.equal(outline, 'solid', `${at} shows that it has the focus`)
    }
    const order = reached.filter((each) => each !== '')
    const first = order.indexOf('skip', 1) === -1 ? order : order.slice(0, order.indexOf('skip', 1))
    assert.deepEqual(first, ['skip', 'window', 'pause', 'check', 'tab-refusals', 'filter', 'scroll'])
    assert.ok(order.length > first.length, `it ends nowhere: ${reached.join()}`)

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
    await page.locator('input[value="300"]').focus()
    await page.keyboard.press('ArrowRight')
    assert.ok(await page.locator('input[value="900"]').isChecked())
    await page.context().close()
  })

  test('while it is paused nothing moves, and nothing is missing afterwards', async (t) => {
    const served = await serveFor(t)
    const { page } = await openBoard(browser, served.base)
    await page.locator('#pause').click()
    const still = await page.locator('main').textContent()
    const other = await openBoard(browser, served.base)
    await served.send({ path: '/orders/seen-later', fields: as('bad') })
    // Both are told at the same moment.
    await text(other.page, 'GET /orders/seen-later')
    await other.page.context().close()
    assert.equal(await page.locator('main').textContent(), still)
    await page.locator('#pause').click()
    await text(page, 'GET /orders/seen-later')
    await page.context().close()
  })

  test('LOG-03: what somebody else chose is text, and nothing else', async (t) => {
    const served = await serveFor(t)
    const { page, complaints } = await openBoard(browser, served.base)
    await served.send({ path: `/orders/${MARKUP.replaceAll(' ', '%20')}`, fields: as('bad') })
    await text(page, /GET \/orders\/"><img/)
    // Whatever comes by another way than from a gate, and hides nothing either.
    const chosen = eventOf({
      outcome: 'refused',
      kind: 'limit.exceeded',
      check: MARKUP,
      reason: MARKUP,
      requestId: MARKUP,
      method: MARKUP,
      path: MARKUP,
      client: MARKUP,
      peer: MARKUP,
      principal: { issuer: MARKUP, subject: MARKUP },
      rule: MARKUP,
    })
    served.board.observe(chosen)
    served.board.observe({ ...chosen, principal: undefined, account: MARKUP })
    served.board.observe({ ...chosen, outcome: 'would-refuse' })
    served.board.observe({ ...chosen, outcome: 'warning', kind: 'store.down' })
    for (const kind of ['credentials.wrong', 'limit.exceeded'] as const) {
      for (let i = 0; i < 250; i++) {
        served.alarms.observe({ ...chosen, principal: undefined, kind, account: `${MARKUP}${i}` })
      }
    }
    for (const name of ['Refusals', 'Offenders', 'Limits', 'Alerts', 'Shadow mode']) {
      await tab(page, name)
      await page.locator('[role=tabpanel]:not([hidden])').getByText(MARKUP).first().waitFor()
    }
    await page.locator('#notices').getByText(MARKUP).first().waitFor()
    await page.locator('#checks').getByText(MARKUP).first().waitFor()
    assert.equal(await page.locator('img, script, a, svg:not(.u-marker svg), iframe').count(), BROUGHT)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('a page that is cut off says so, and comes back by itself', async (t) => {
    const served = await serveFor(t)
    const { page } = await openBoard(browser, served.base)
    await page.context().setOffline(true)
    served.board.close()
    await page.locator('#connection[data-state=lost]').waitFor()
    await shot(page, 'lost')
    await page.context().setOffline(false)
    await page.locator('#connection[data-state=live]').waitFor()
    await page.context().close()
  })

  test('a page that has come again through the gate goes on where it was', async (t) => {
    const served = await serveFor(t)
    const { page, complaints } = await openBoard(browser, served.base)
    served.passForBoard(15_000)
    const again = await page.waitForRequest((request) => request.url().endsWith('/events'))
    assert.match((await again.headerValue('last-event-id')) ?? '', /^\d+-\d+-\d+$/)
    await served.send({ path: '/orders/after-that', fields: as('bad') })
    await text(page, 'GET /orders/after-that')
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  for (const [name, headers, words] of [
    ['signed out', {}, 'You are signed out.'],
    [
      'without the role',
      { Authorization: as('olga', '-', 'user')[1] ?? '' },
      'You may not look at this any more.',
    ],
  ] as const) {
    test(`AZ-01: whoever is ${name} by now is shown nothing any more, nor what was shown`, async (t) => {
      const served = await serveFor(t)
      const { page } = await openBoard(browser, served.base)
      await served.send({ path: '/orders/secret-7', fields: as('bad') })
      await text(page, 'GET /orders/secret-7')
      await page.context().setExtraHTTPHeaders({ ...headers })
      served.passForBoard(15_000)
      await page.locator('main').getByText(words).waitFor()
      assert.doesNotMatch(await page.content(), /secret-7|<canvas|<table/)
      assert.equal(await page.locator('#pause').isVisible(), false)
      await shot(page, `gone-${name.replaceAll(' ', '-')}`)
      await page.context().setExtraHTTPHeaders({ ...OLGA })
      await page.reload()
      await text(page, 'GET /orders/secret-7')
      await page.context().close()
    })
  }
})

/** Ends whatever it stands in, and then does harm. */
const MARKUP = `"><img src=x onerror=alert(1)><script>alert(1)</script>'-alert(1)-'`

/** What the page has of such elements itself: its mark, its link to the tables, its two scripts. */
const BROUGHT = 4
