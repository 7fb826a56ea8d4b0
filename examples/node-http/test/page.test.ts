import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { launch, open, skip } from '../../../packages/core/test/support/browser.ts'
import { type Demo, startDemo, tokenOf } from './support/demo.ts'
import { listening, type Listening } from '../../../packages/core/test/support/ports.ts'

/** The newest entry of the log, once it holds a text. */
async function newest(page: Page, ...texts: readonly string[]): Promise<Locator> {
  let entry = page.locator('#log > li').first()
  for (const hasText of texts) entry = entry.filter({ hasText })
  await entry.waitFor()
  return entry
}

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await press(page, 'Log in')
}

for (const scheme of ['http', 'https'] as const) {
  describe(`the page of the demo over ${scheme}`, () => {
    let demo: Demo
    let browser: Browser
    before(async () => {
      if (skip !== false) return
      demo = await startDemo(scheme === 'https' ? ['--tls'] : [])
      browser = await launch()
    })
    after(async () => {
      await browser?.close()
      await demo?.child.stop()
    })

    test('AZ-01: an admin opens the dashboard from the page, and nobody else does', { skip }, async () => {
      const { page, complaints } = await open(browser)
      await page.goto(`${demo.http}/`)
      assert.equal(await page.getByRole('button', { name: 'Open the dashboard' }).count(), 0)
      await logIn(page, 'alice', demo.passwords.alice)
      await press(page, 'Open the dashboard')
      await newest(page, '403', 'does not have the role')
      await logIn(page, 'root', demo.passwords.root)
      await page.getByText(/^root, with/).waitFor()
      await press(page, 'Open the dashboard')
      await page.waitForURL('**/gatehouse/')
      await page.getByText('authorization.role-missing').first().waitFor()
      await page.goBack()
      // A cookie of before is no second credential.
      await logIn(page, 'root', demo.passwords.root)
      await page.getByText(/^root, with/).waitFor()
      await press(page, 'GET /admin/events role admin')
      await newest(page, '200', '/admin/events')
      await press(page, 'Open the dashboard')
      await page.waitForURL('**/gatehouse/')
      assert.deepEqual(complaints, [])
      await page.context().close()
    })

    test('a person logs in, calls, is refused, is limited, and sees why', { skip }, async () => {
      const { page, complaints } = await open(browser)
      await page.goto(`${demo.http}/`)
      assert.equal(new URL(page.url()).protocol, `${scheme}:`)
      await page.getByText('Nobody: no token is sent.').waitFor()

      await press(page, 'GET /secure-data scope data:read')
      await newest(page, '401', 'No token came with it', 'stopped at: token', 'Bearer realm=')

      await logIn(page, 'alice', demo.passwords.alice)
      await page.getByText(/^alice, with data:read and notes:write, until/).waitFor()
      await newest(page, '200', 'The name and the password are right')
      assert.ok(!(await page.content()).includes('eyJ'), 'the token is not shown')

      await press(page, 'GET /secure-data scope data:read')
      await newest(page, '200', '"data": "Secure data"', 'reached the handler')
      await press(page, 'POST /notes scope notes:write')
      await newest(page, '201', 'A note from the page')
      await press(page, 'GET /admin/events role admin')
      await newest(page, '403', 'does not have the role', 'stopped at: rights')
      await press(page, 'GET /secure-data with a forged token')
      await newest(page, '401', 'The token is not one that this server issued', 'stopped at: token')
      await press(page, 'GET /admin%2Fevents a slash in disguise')
      await newest(page, '400', 'The path can be read in two ways', 'stopped at: request')
      await press(page, 'POST /notes as text, not JSON')
      await newest(page, '415', 'the API takes JSON that says so', 'stopped at: content')

      await press(page, 'GET /secure-data 15 times in a row')
      await newest(page, '429', 'are used up', 'Retry-After', 'stopped at: caller limit')
      await page.locator('.call[aria-busy]').waitFor({ state: 'detached' })
      assert.equal(await page.locator('#log > li').first().locator('.strip i').count(), 15)

      await logIn(page, 'root', demo.passwords.root)
      await page.getByText(/^root, with/).waitFor()
      await press(page, 'GET /admin/events role admin')
      const events = await newest(page, '200', 'Every check let it through')
      const refused = events.locator('.events .refused').filter({ hasText: 'GET /admin/events' })
      await refused.filter({ hasText: 'alice: has none of the roles admin' }).waitFor()

      await press(page, 'Forget the token')
      await press(page, 'GET /secure-data scope data:read')
      await newest(page, '401')
      await press(page, 'Clear')
      await page.getByText('Nothing yet').waitFor()
      assert.deepEqual(complaints, [])
    })
  })
}

describe('the page of the demo', () => {
  let demo: Demo
  let browser: Browser
  before(async () => {
    if (skip !== false) return
    demo = await startDemo()
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await demo?.child.stop()
  })

  test('the keyboard is enough, and keeps its place', { skip }, async () => {
    const { page, complaints } = await open(browser)
    await page.goto(`${demo.http}/`)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.name'), 'username')
    await page.keyboard.press('Tab')
    await page.keyboard.type(demo.passwords.alice)
    await page.keyboard.press('Enter')
    await page.getByText(/^alice, with/).waitFor()
    for (let i = 0; i < 10 && (await focused(page)) !== 'GET /secure-data scope data:read'; i++) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await newest(page, 'Secure data')
    assert.equal(await focused(page), 'GET /secure-data scope data:read')
    assert.deepEqual(complaints, [])
  })

  test(
    'a wrong password is said beside the form, and a scope that nobody has gives no token',
    { skip },
    async () => {
      const { page, complaints } = await open(browser)
      await page.goto(`${demo.http}/`)
      await logIn(page, 'alice', 'wrong')
      await page.locator('#who').filter({ hasText: 'The name or the password is wrong' }).waitFor()
      await newest(page, '400', 'invalid_grant', 'which said no')
      assert.equal(await page.evaluate('document.activeElement.name'), 'password')
      await page.getByLabel('Scope of the token').selectOption('data:delete')
      await logIn(page, 'alice', demo.passwords.alice)
      await newest(page, '400', 'The account may not have that scope')
      assert.deepEqual(complaints, [])
    },
  )

  test('on a narrow screen the last answer is seen, and nothing is cut off', { skip }, async () => {
    const { page, complaints } = await open(browser, { viewport: { width: 360, height: 700 } })
    await page.goto(`${demo.http}/`)
    await press(page, 'GET /admin/events role admin')
    const said = page.getByText('401 GET /admin/events: No token came with it')
    await said.waitFor()
    const box = await said.boundingBox()
    assert.ok(box !== null && box.width > 200 && box.y + box.height <= 701, JSON.stringify(box))
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
    assert.deepEqual(complaints, [])
  })

  test('without scripts the form still gets a token, and the password is in no URL', { skip }, async () => {
    const { page } = await open(browser, { javaScriptEnabled: false })
    await page.goto(`${demo.http}/`)
    await logIn(page, 'alice', demo.passwords.alice)
    await page.getByText('access_token').waitFor()
    assert.equal(page.url(), `${demo.http}/token`)
  })
})

describe('pages of other origins and the demo', () => {
  let demo: Demo
  let browser: Browser
  let token: string
  before(async () => {
    if (skip !== false) return
    demo = await startDemo()
    token = await tokenOf(demo, 'alice')
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await demo?.child.stop()
  })

  /** What a script of a page of another origin reads of the API: the status and the body, or an error. */
  async function readFrom(origin: string, path: string, headers: Record<string, string>): Promise<unknown> {
    const { page } = await open(browser)
    await page.goto(`${origin}/`)
    const init = JSON.stringify({ headers })
    const read = `fetch('${demo.http}${path}', ${init}).then(async (r) => [r.status, await r.json(), r.headers.get('RateLimit')])`
    const result: unknown = await page.evaluate(`${read}.catch((error) => String(error))`)
    await page.context().close()
    return result
  }

  test(
    'COR-01: the origin of the list may call with a preflight, and reads the answer',
    { skip },
    async (t) => {
      let other: Listening
      try {
        other = await listening(blank, 5173)
      } catch {
        return t.skip('port 5173 is in use')
      }
      const result = await readFrom('http://localhost:5173', '/secure-data', {
        Authorization: `Bearer ${token}`,
      })
      await other.close()
      assert.ok(Array.isArray(result), String(result))
      const [status, body, limit] = result as [number, { readonly data: string }, string]
      assert.equal(status, 200)
      assert.equal(body.data, 'Secure data')
      assert.match(limit, /"GET \/secure-data"/, 'and the fields of the limits')
      await demo.child.printed(/answered +204 +OPTIONS \/secure-data/)
    },
  )

  test('COR-03: a page of another origin may not, with a preflight or without', { skip }, async () => {
    const other = await listening(blank)
    const origin = `http://localhost:${other.port}`
    const denied = await readFrom(origin, '/secure-data', { Authorization: `Bearer ${token}` })
    const unread = await readFrom(origin, '/health', {})
    await other.close()
    assert.equal(denied, 'TypeError: Failed to fetch')
    assert.equal(unread, 'TypeError: Failed to fetch')
    await demo.child.printed(/refused +403 +OPTIONS \/secure-data .*cors\.preflight-denied/)
  })
})

/** What has the focus, as a screen reader would name it. */
async function focused(page: Page): Promise<string> {
  const text = await page.evaluate('document.activeElement.textContent')
  return String(text).replace(/\s+/g, ' ').trim()
}

/** A page of another origin, with nothing on it. */
function blank(
  _req: unknown,
  res: { setHeader: (name: string, value: string) => unknown; end: (text: string) => unknown },
): void {
  res.setHeader('Content-Type', 'text/html')
  res.end('<!doctype html><title>another origin</title><link rel="icon" href="data:,">')
}
