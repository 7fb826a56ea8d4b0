import { serve } from './serve.ts'
import { wholeGate } from './whole-gate.ts'

/* The whole gate, and an observer that counts. */

let events = 0

const server = wholeGate([
  () => {
    events += 1
  },
])

serve(server, { events: () => events })
