import { type Algorithm, memoryStore, type Outcome } from '@gatehouse/core'
import { serveSide } from './serve-side.ts'
import { WINDOW_MS } from './decider.ts'

const algorithm = process.argv[2] as Algorithm

serveSide((limit, maxKeys) => {
  const store = memoryStore({ maxKeys })
  const quota = { limit, windowMs: WINDOW_MS, algorithm }
  return {
    decide(key) {
      // A store may be one that has to be asked; the one in memory never is.
      const outcomes = store.take([{ key, quota, cost: 1 }]) as readonly Outcome[]
      const outcome = outcomes[0]
      return outcome?.allowed === true ? outcome.remaining : -1
    },
  }
})
