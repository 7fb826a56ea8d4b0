import type { Update, View } from '../view.ts'

/** What the page hears. */
export interface Heard {
  readonly state: (view: View) => void
  readonly update: (update: Update) => void
  readonly connection: (state: 'live' | 'waiting' | 'lost', words: string) => void
  /** Whoever looks may not look any more: what was shown to them is to go (ASVS 14.3.1). */
  readonly gone: (words: string) => void
}

/** The line comes and goes several times a minute: that is not worth a word. */
const PATIENCE_MS = 4_000

const RETRY_MS = 5_000

const GONE: Readonly<Record<number, string>> = {
  401: 'You are signed out. Sign in again, then reload this page.',
  403: 'You may not look at this any more.',
}

const WHY: Readonly<Record<number, string>> = {
  429: 'The gate has limited you: trying again ...',
  503: 'As many pages are open as there may be: trying again ...',
}

/** Listens to the gate, and comes back when it is cut off. */
export function listen(heard: Heard): void {
  let patience: ReturnType<typeof setTimeout> | undefined
  const source = new EventSource('events')
  const isLive = (): void => {
    clearTimeout(patience)
    patience = undefined
    heard.connection('live', 'Live')
  }
  source.addEventListener('state', (event: MessageEvent<string>) => {
    isLive()
    heard.state(JSON.parse(event.data) as View)
  })
  source.addEventListener('update', (event: MessageEvent<string>) => {
    isLive()
    heard.update(JSON.parse(event.data) as Update)
  })
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) {
      clearTimeout(patience)
      return void explain(heard)
    }
    patience ??= setTimeout(
      () => heard.connection('lost', 'Cut off: what is shown is old. Trying again ...'),
      PATIENCE_MS,
    )
  })
}

/** A browser does not say what was answered to an EventSource, and does not try again after it. */
async function explain(heard: Heard): Promise<void> {
  let status = 0
  try {
    const { status: answered, redirected } = await fetch('events', { method: 'HEAD' })
    // A login that the application sends browsers to.
    status = redirected ? 401 : answered
  } catch {
    // No answer at all.
  }
  const gone = GONE[status]
  if (gone !== undefined) return heard.gone(gone)
  heard.connection('lost', WHY[status] ?? 'Cut off: what is shown is old. Trying again ...')
  setTimeout(() => listen(heard), RETRY_MS)
}
