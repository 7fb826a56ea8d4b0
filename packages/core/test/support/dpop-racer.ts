/*
 * One of several processes that are sent the same proofs, and share the store of the process that forked them.
 */
import { dpop } from '../../src/identity/dpop.ts'
import { movableClock } from './clock.ts'
import { request, testTokens, TOKEN } from './dpop.ts'
import { compiled, outcomeOf } from './schemes.ts'

/** What the parent says. */
export type ToRacer =
  | { readonly type: 'race'; readonly proofs: readonly string[]; readonly thumbprint: string }
  | { readonly type: 'added'; readonly id: number; readonly added: boolean }

/** What the racer says. */
export type FromRacer =
  | { readonly type: 'ready' }
  | {
      readonly type: 'add'
      readonly id: number
      readonly key: string
      readonly value: string
      readonly ttlMs: number
    }
  | { readonly type: 'done'; readonly outcomes: readonly string[] }

const waiting = new Map<number, (added: boolean) => void>()
let asked = 0

function tell(message: FromRacer): void {
  process.send?.(message)
}

const store = {
  add(key: string, value: string, ttlMs: number): Promise<boolean> {
    asked += 1
    const id = asked
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      tell({ type: 'add', id, key, value, ttlMs })
    })
  },
}

async function race(proofs: readonly string[], thumbprint: string): Promise<void> {
  const ready = compiled(dpop(testTokens({ [TOKEN]: { jkt: thumbprint } }), { store }), movableClock())
  const results = await Promise.all(proofs.map(async (proof) => await ready.identify(request(proof))))
  tell({ type: 'done', outcomes: results.map(outcomeOf) })
}

process.on('message', (message: ToRacer) => {
  if (message.type === 'race') void race(message.proofs, message.thumbprint)
  else {
    waiting.get(message.id)?.(message.added)
    waiting.delete(message.id)
  }
})
// The parent is gone.
process.on('disconnect', () => process.exit())
tell({ type: 'ready' })
