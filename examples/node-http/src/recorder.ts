import type { Observer, SecurityEvent } from '@gatehouse/core'

/** The last security events, and what to tell them to. */
export interface Recorder {
  readonly observe: Observer
  /** Newest first. */
  readonly recent: () => readonly SecurityEvent[]
}

/** Remembers the last events. */
export function recorder(size = 100): Recorder {
  const events: SecurityEvent[] = []
  return {
    observe(event) {
      events.unshift(event)
      if (events.length > size) events.pop()
    },
    recent: () => events,
  }
}
