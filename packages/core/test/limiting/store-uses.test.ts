import { test } from 'node:test'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { storeUses } from '../support/store-uses.ts'

const uses = storeUses('memory', () => {
  const store = memoryStore()
  return { stores: [store, store], close: () => undefined }
})
for (const { title, run } of uses) test(title, run)
