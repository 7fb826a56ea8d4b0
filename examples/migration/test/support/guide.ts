import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { signJwt } from '@gatehouse/core'
import { ask } from './ask.ts'
import { answers, fields, type Pair, type Reasons } from './differences.ts'
import { codeOf, tablesOf, write } from './page.ts'
import { REASONS } from './reasons.ts'
import { HELD, REQUESTS, type Token } from './requests.ts'

/** A server that listens on this machine. */
export interface Side {
  readonly port: number
  readonly close: () => Promise<void> | void
}

/** One API before and after, and what a page says of both. */
export interface Guide {
  /** The page in docs/migrating. */
  readonly page: string
  /** The name of its tables on that page. */
  readonly name: string
  readonly files: readonly [before: string, after: string]
  readonly before: () => Promise<Side>
  readonly after: () => Promise<Side>
  /** A token of a kind; those that the secret of the examples signs, if it is not said. */
  readonly mint?: (kind: Token) => string
  /** What is so only here. */
  readonly why?: Reasons
  /** The groups of requirements that the example has nothing of, such as `COR` where its gate has no `cors`. */
  readonly without?: readonly string[]
  /** Why one side cannot be started here. */
  readonly skip?: string | false
}

/** With this variable the pages are written, and not compared. */
const WRITES = process.env['GATEHOUSE_WRITE_PAGES'] === '1'

const SECRET = '5b0f6a1c9e7d4283a6f1c0d2e8b79345'
process.env['TOKEN_SECRET'] = SECRET

/** Starts both sides, sends them the same requests, and holds the page to what came back. */
export function guide({
  page,
  name,
  files,
  mint = minted,
  why = {},
  without = [],
  skip = false,
  ...sides
}: Guide): void {
  describe(`${files[0]} and ${files[1]}, side by side`, () => {
    const pairs: Pair[] = []
    const closers: Side['close'][] = []
    before(async () => {
      if (skip !== false) return
      const [old, now] = await Promise.all([sides.before(), sides.after()])
      closers.push(old.close, now.close)
      for (const asked of REQUESTS) {
        const token = asked.token === undefined ? '' : mint(asked.token)
        const client = nextClient()
        pairs.push({
          name: asked.name,
          before: await ask(old.port, asked, client, token),
          after: await ask(now.port, asked, client, token),
        })
      }
    })
    after(async () => {
      for (const close of closers) await close()
    })

    test(`the difference on the wire is what docs/migrating/${page}.md says`, { skip }, () => {
      const reasons = { ...REASONS, ...why }
      const tables = [answers(pairs, reasons), fields(pairs, reasons)]
      const unused = Object.values(why).filter((reason) => !tables.flat(2).includes(reason))
      assert.deepEqual(unused, [], 'reasons for what does not differ')
      if (WRITES) write(page, name, tables)
      assert.deepEqual(
        tablesOf(page, name).map((table) => table.map((cells) => [...cells])),
        tables,
      )
    })

    for (const [title, asked, status] of HELD) {
      if (without.some((group) => title.startsWith(`${group}-`))) continue
      test(title, { skip }, () =>
        assert.equal(pairs.find((pair) => pair.name === asked)?.after.status, status),
      )
    }

    test(`docs/migrating/${page}.md shows the code that ran`, () => {
      const shown = codeOf(page)
      for (const file of files)
        assert.ok(
          shown.some((one) => one.file === file),
          file,
        )
      for (const { shown: block, text } of shown) assert.equal(block, text)
    })
  })
}

/** An address that no request came from before, as two guides of one file may share a side. */
function nextClient(): string {
  clients += 1
  return `203.0.113.${clients}`
}
let clients = 0

/** Lets a server of an example listen, on any free port. */
export async function side(server: Server): Promise<Side> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** What each kind of token has that a good one has not. */
const CLAIMS: Readonly<Record<Token, object>> = {
  good: {},
  forged: {},
  expired: { exp: 1_700_000_000 },
  'of another API': { aud: 'https://other.example.com' },
  'without the scope': { scope: 'profile' },
}

function minted(kind: Token): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://id.example.com', aud: 'https://api.example.com', sub: 'alice' }
  const key = kind === 'forged' ? SECRET.toUpperCase() : SECRET
  return signJwt(
    { ...claims, scope: 'data:read profile', iat: now - 60, exp: now + 3600, ...CLAIMS[kind] },
    { key: { alg: 'HS256', key } },
  )
}
