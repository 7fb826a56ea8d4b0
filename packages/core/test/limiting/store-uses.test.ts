import { memoryStore } from '../../src/limiting/memory-store.ts'
import { storeUses } from '../support/store-uses.ts'

storeUses('memory', () => {
  const store = memoryStore()
  return { stores: [store, store], close: () => undefined }
})
