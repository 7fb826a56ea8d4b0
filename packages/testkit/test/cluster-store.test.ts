import { memoryStore } from '@gatehouse/core'
import { pairedStore } from '../../core/test/support/cluster.ts'
import { storeConformance } from '../src/index.ts'

// Over channels within this process, so that the clock of the primary can be moved; JSON goes through them all the same.
storeConformance({
  name: 'cluster',
  make: (clock) => pairedStore(memoryStore({ clock }), { prefix: 'a prefix:' }).client,
  follows: ['counters', 'blocks', 'records'],
  standsStill: true,
  traces: 30,
})
