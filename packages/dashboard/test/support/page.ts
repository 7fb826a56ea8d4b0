import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { open, type Watched } from '../../../core/test/support/browser.ts'
import { as } from '../../../core/test/support/scheme.ts'

/** Where screenshots go; nowhere unless it is said. */
const SHOTS = process.env['GATEHOUSE_SCREENSHOTS']
if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true })

/** The field of somebody who may look. */
export const OLGA: Readonly<Record<string, string>> = { Authorization: as('olga', '-', 'ops')[1] ?? '' }

/** Opens the dashboard, and waits until it is live. */
export async function openBoard(
  browser: Browser,
  base: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const watched = await open(browser, {
    extraHTTPHeaders: { ...OLGA },
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  await watched.page.goto(`${base}/gatehouse/`)
  await watched.page.locator('#connection[data-state=live]').waitFor()
  return watched
}

/** Takes pictures of a page: as it is, or in both schemes and in both widths. */
export async function shot(page: Page, name: string, all = false): Promise<void> {
  if (SHOTS === undefined) return
  if (!all) return void (await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true }))
  const before = page.viewportSize()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 })
      await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}-${width}.png`), fullPage: true })
    }
  }
  if (before !== null) await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: null })
}

/** Takes the pictures of the guide: what is in a window, in both schemes. */
export async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`) })
  }
  await page.emulateMedia({ colorScheme: null })
}

/** Shows a table. */
export const tab = (page: Page, name: string): Promise<void> => page.getByRole('tab', { name }).click()

/** Waits for words somewhere below the heading. */
export const text = (page: Page, words: string | RegExp): Promise<void> =>
  page.locator('main').getByText(words).first().waitFor()

/** What needs attention. */
export const notice = (page: Page, words: string | RegExp): Locator =>
  page.locator('#notices').getByText(words)
