import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { launch, skip } from '../../core/test/support/browser.ts'
import { as } from '../../core/test/support/scheme.ts'
import { serve, type Served } from './support/board.ts'
import { openBoard, tab, text } from './support/page.ts'

/** What axe-core finds wrong with a page: the rule, and where. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`,
  )
  return found as readonly string[]
}

const TABS = ['Refusals', 'Offenders', 'Limits', 'Alerts', 'Shadow mode', 'Routes']

describe('the dashboard for everybody', { skip }, () => {
  let browser: Browser
  let served: Served

  before(async () => {
    if (skip !== false) return
    browser = await launch()
    served = await serve()
    for (let i = 0; i < 22; i++) await served.send({ path: '/open' })
    for (let i = 0; i < 16; i++) await served.logIn(`user-${i}`)
    await served.send({ path: '/orders/7', fields: as('bad') })
    await served.send({ method: 'POST', path: '/trial' })
  })
  after(async () => {
    await served?.close()
    await browser?.close()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe-core finds no fault with any table, ${colorScheme}`, async () => {
      const { page } = await openBoard(browser, served.base, { colorScheme })
      await text(page, 'GET /orders/7')
      await page.evaluate(axe.source)
      for (const name of TABS) {
        await tab(page, name)
        assert.deepEqual(await faultsOf(page), [], name)
      }
      await page.context().close()
    })
  }
})
