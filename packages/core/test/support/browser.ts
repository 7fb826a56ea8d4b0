import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const executablePath = process.env['CHROMIUM'] ?? PATHS.find((path) => existsSync(path))
const MISSING = 'chromium is not installed (set CHROMIUM, or apt-get install chromium)'

/** Why the browser tests are skipped; `false` when they are not. Where all tests are wanted, they fail instead. */
export const skip: string | false =
  executablePath === undefined && process.env['GATEHOUSE_REQUIRE_ALL'] !== '1' ? MISSING : false

/** Starts the browser, with arguments beyond those that each test needs. */
export function launch(more: readonly string[] = []): Promise<Browser> {
  if (executablePath === undefined) throw new Error(MISSING)
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...more,
    ],
  })
}

/** A page, and what it complained of. */
export interface Watched {
  readonly page: Page
  /** Errors on its console and violations of its policy, but for the line that a browser writes for each 4xx. */
  readonly complaints: readonly string[]
}

/** Opens a page in a context of its own, and listens to what it complains of. */
export async function open(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const isRefusal = /^Failed to load resource: .* status of 4\d\d/.test(message.text())
    if (message.type() !== 'log' && !isRefusal) complaints.push(message.text())
  })
  // As a text: what is compiled for these tests would look for its helpers in the page.
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective))`,
  )
  return { page, complaints }
}
