import { memoryStore } from '@gatehouse/core'
import { storeConformance } from '@gatehouse/testkit'

// The suite that is shipped, over the store that is shipped: a failure is the exit code.
storeConformance({
  name: 'memory',
  make: (clock) => memoryStore({ clock }),
  follows: ['counters', 'blocks', 'records'],
  standsStill: true,
  traces: 5,
})
