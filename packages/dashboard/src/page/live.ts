import type { Update, View } from '../view.ts'

/** What the page hears. */
export interface Heard {
  readonly state: (view: View) => void
  readonly update: (update: Update) => void
  readonly connection: (state: 'live' | 'waiting' | 'lost', words: string) => void
}

/** The line comes and goes every few minutes: that is not worth a word. */
const PATIENCE_MS = 4_000

const RETRY_MS = 5_000

const WHY: Readonly<Record<number, string>> = {
  401: 'You are signed out: sign in again, then reload this page.',
  403: 'Your rights do not reach here any more.',
  429: 'The gate has limited you: trying again ...',
  503: 'As many pages are open as there may be: trying again ...',
}

/** Listens to the gate, and comes back when it is cut off. */
export function listen(heard: Heard): void {
  let patience: ReturnType<typeof setTimeout> | undefined
  const source = new EventSource('events')
  source.addEventListener('state', (event: MessageEvent<string>) => {
    clearTimeout(patience)
    patience = undefined
    heard.connection('live', 'Live')
    heard.state(JSON.parse(event.data) as View)
  })
  source.addEventListener('update', (event: MessageEvent<string>) =>
    heard.update(JSON.parse(event.data) as Update),
  )
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
    status = (await fetch('events', { method: 'HEAD' })).status
  } catch {
    // No answer at all.
  }
  heard.connection('lost', WHY[status] ?? 'Cut off: what is shown is old. Trying again ...')
  if (status !== 401 && status !== 403) setTimeout(() => listen(heard), RETRY_MS)
}
