import { memoryStore } from '@gatehouse/core'
import { referenceStore, storeConformance } from '../src/index.ts'

storeConformance({
  name: 'memory',
  make: (clock) => memoryStore({ clock }),
  follows: ['counters', 'blocks', 'records'],
  standsStill: true,
  traces: 100,
})

storeConformance({ name: 'memory, in real time', make: () => memoryStore() })

storeConformance({
  name: 'reference',
  make: referenceStore,
  traces: 5,
  follows: ['counters', 'blocks', 'records'],
  standsStill: true,
})
