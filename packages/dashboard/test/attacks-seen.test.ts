import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launch, skip } from '../../core/test/support/browser.ts'
import { as } from '../../core/test/support/scheme.ts'
import { serve, type Served } from './support/board.ts'
import { notice, openBoard, picture, shot, tab, text } from './support/page.ts'

describe('what happens while the dashboard is open', { skip }, () => {
  let browser: Browser
  let served: Served
  let page: Page
  let complaints: readonly string[]

  before(async () => {
    if (skip !== false) return
    browser = await launch()
    served = await serve()
    ;({ page, complaints } = await openBoard(browser, served.base))
    // It is gone when the page is loaded anew.
    await page.evaluate('window.sameAsBefore = true')
    await page.getByRole('radio', { name: '1 min' }).check()
  })
  after(async () => {
    await served?.close()
    await browser?.close()
  })

  let drawn: string | undefined
  /** How the legend of the checks draws a line. */
  const markOf = (within: Page, check: string): Promise<string | undefined> =>
    within
      .locator('#checks .u-series')
      .filter({ hasText: check })
      .locator('line')
      .evaluate((line) => line.outerHTML)
  const firing = (): readonly string[] => served.alarms.active().map(({ rule }) => rule)
  const tile = (name: string, value: string): Promise<void> =>
    page.locator('.tiles > div').filter({ hasText: name }).getByText(value, { exact: true }).waitFor()

  test('LOG-01: a flood is seen: who, by which limit, and that an alert fires', async () => {
    await tab(page, 'Limits')
    for (let i = 0; i < 24; i++) {
      await Promise.all(Array.from({ length: 10 }, () => served.send({ path: '/open' })))
    }
    await notice(page, /^warning: limit-storm about 127\.0\.0\.1\. One client goes on/).waitFor()
    assert.deepEqual(firing(), ['limit-storm'])
    await tile('Alerts firing', '1')
    await text(page, '20 of 20')
    await text(page, 'limit.exceeded 220')
    await page.locator('#checks').getByText('client-limits').waitFor()
    await page.getByRole('img', { name: /^In 1 min: client-limits refused \d+/ }).waitFor()
    await page.locator('#check').selectOption('client-limits')
    await page.locator('#traffic').getByText('allowed by client-limits').waitFor()
    await page.locator('#check').selectOption('')
    drawn = await markOf(page, 'client-limits')
    assert.match(String(drawn), /stroke-dasharray/)
    await shot(page, 'flood', true)
  })

  test('LOG-01: a stuffing run is seen: from where, how often, and that each account is another', async () => {
    await tab(page, 'Offenders')
    const earlier = served.board.view().totals
    for (let i = 0; i < 20; i++) {
      const { status } = await served.logIn(`user-${i}`)
      assert.equal(status, 400)
    }
    await served.send({ path: '/orders/7', fields: as('bad') })
    await notice(
      page,
      /^critical: credential-stuffing about 127\.0\.0\.1\. One client fails to log in/,
    ).waitFor()
    assert.deepEqual(firing(), ['credential-stuffing', 'limit-storm'])
    await text(page, 'credentials.wrong 20')
    // Each of them was let in to the token endpoint, and is one request that was refused.
    const { totals, seconds } = served.board.view()
    assert.equal(totals.refused - earlier.refused, 21)
    // The page comes now and then.
    assert.ok(totals.allowed - earlier.allowed < 20, JSON.stringify([earlier, totals]))
    assert.equal(
      seconds.reduce((all, [, , , , , , byCheck]) => all + (byCheck['(handler)'] ?? 0), 0),
      20,
    )
    await page.locator('#checks').getByText('(handler)').waitFor()
    await page.locator('#checks').getByText('authenticate').waitFor()
    assert.equal(await markOf(page, 'client-limits'), drawn, 'its line is drawn as before')
    await shot(page, 'stuffing-offenders', true)
    await tab(page, 'Refusals')
    await text(page, /^account /)
    const accounts = await page
      .locator('td')
      .getByText(/^account /)
      .allTextContents()
    assert.equal(new Set(accounts).size, 20)
    assert.doesNotMatch(accounts.join(), /user-/)
    await shot(page, 'stuffing', true)
  })

  test('LOG-01: a store that fails is seen, and that it answers again', async () => {
    await tab(page, 'Alerts')
    served.store.isBroken = true
    for (let i = 0; i < 6; i++) await served.send({ path: '/open' })
    await notice(page, /^critical: store-failing\. The store of the limits does not answer/).waitFor()
    await text(page, 'store.down')
    assert.ok(firing().includes('store-failing'))
    await picture(page, 'dashboard')
    await shot(page, 'store-down', true)
    await tab(page, 'Refusals')
    await text(page, 'the store of the limits did not answer')
    await tab(page, 'Alerts')

    served.store.isBroken = false
    // Whoever asks first finds out; the dashboard asks, too, and then a later request tells.
    for (let i = 0; i < 10 && firing().includes('store-failing'); i++) {
      served.passForGate(60_000)
      await served.send({ path: '/open' })
    }
    await notice(page, /store-failing/).waitFor({ state: 'detached' })
    await page
      .getByRole('row', { name: 'store-failing' })
      .getByText(/^cleared/)
      .waitFor()
    await text(page, 'store.up')
    await shot(page, 'store-up', true)
  })

  test('LOG-01: all of that was one page, and it complained of nothing', async () => {
    assert.equal(await page.evaluate('window.sameAsBefore'), true)
    assert.deepEqual(complaints, [])
  })
})
