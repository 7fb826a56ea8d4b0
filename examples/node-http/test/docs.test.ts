import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, open, skip } from '../../../packages/core/test/support/browser.ts'
import { type Demo, startDemo } from './support/demo.ts'

describe('the documents of the demo', () => {
  let demo: Demo
  let browser: Browser
  before(async () => {
    demo = await startDemo([])
    if (skip === false) browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await demo?.child.stop()
  })

  test('AZ-12: /openapi.json says of each operation what the policy asks', async () => {
    const document = (await (await fetch(`${demo.http}/openapi.json`)).json()) as {
      readonly openapi: string
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security: unknown }>>>>
      readonly components: { readonly securitySchemes: Readonly<Record<string, unknown>> }
    }
    assert.match(document.openapi, /^3\.1/)
    assert.deepEqual(
      Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, { security }]) => [`${method} ${path}`, security]),
      ),
      [
        ['get /health', []],
        ['get /secure-data', [{ oauth2Password: ['data:read'] }, { session: [] }]],
        ['get /notes', [{ oauth2Password: ['data:read'] }, { session: [] }]],
        ['post /notes', [{ oauth2Password: ['notes:write'] }, { session: [] }]],
        ['get /admin/events', [{ oauth2Password: [] }, { session: [] }]],
      ],
    )
    assert.deepEqual(Object.keys(document.components.securitySchemes), ['oauth2Password', 'session'])
  })

  test('a person logs in with the Authorize button, and calls', { skip }, async () => {
    const { page, complaints } = await open(browser)
    await page.goto(`${demo.http}/docs`)
    await page.locator('.scheme-container button.authorize').click()
    await page.locator('#oauth_username').fill('alice')
    await page.locator('#oauth_password').fill(demo.passwords.alice)
    for (const scope of await page.locator('.scopes label').all()) await scope.click()
    await page.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click()
    await page.locator('.modal-ux').getByText('Authorized', { exact: true }).waitFor()
    await page.locator('.modal-ux button.btn-done').first().click()

    const operation = page.locator('#operations-default-secureData')
    await operation.locator('.opblock-summary').click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const live = operation.locator('.live-responses-table')
    await live.getByText('Secure data').first().waitFor()
    assert.match(await live.locator('.response-col_status').last().innerText(), /200/)
    // What Chromium advises about forms is Swagger UI's matter.
    assert.deepEqual(
      complaints.filter((text) => !text.startsWith('[DOM]')),
      [],
    )
  })
})
