import { consoleLogger } from '@gatehouse/core'
import { ENGINES } from './engines.ts'
import { serve } from './serve.ts'
import { Mistake, readSettings, type Settings } from './settings.ts'

try {
  await start(readSettings(process.argv.slice(2), process.env))
} catch (error) {
  if (!(error instanceof Mistake)) throw error
  console.error(`\n${error.message}\n`)
  process.exit(1)
}

async function start({ engine: name, port }: Settings): Promise<void> {
  const engine = await ENGINES[name]()
  const { url, tokens, close } = await serve(engine, port, consoleLogger())
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close())
  console.log(`
Articles, guarded by ${name}. Tokens, good for 15 minutes:

${Object.entries(tokens)
  .map(([caller, token]) => `  ${caller.toUpperCase()}=${token}`)
  .join('\n')}

alice wrote launch, which is published, and plans, a draft; bob the draft diary. edith is an editor, root an admin.

  curl ${url}/articles/plans -H "Authorization: Bearer $ALICE"
  curl ${url}/articles/plans -H "Authorization: Bearer $BOB"
  curl -X PUT ${url}/articles/plans/published -H "Authorization: Bearer $EDITH"
  curl -X DELETE ${url}/articles/launch -H "Authorization: Bearer $ALICE"

Ctrl+C ends it.
`)
}
