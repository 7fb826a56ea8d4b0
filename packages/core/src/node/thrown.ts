/** What can be said of a thrown value without saying what it says. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  try {
    // Anybody can give an error a name of several lines, or one that is no text (LOG-03).
    return /^\w{1,64}$/.test(error.name) ? error.name : 'an error'
  } catch {
    return 'an error'
  }
}

/** A 4xx status that a framework or handler gave its error, as `http-errors` does; nothing else is believed. */
export function clientStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  let given: unknown
  try {
    const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown }
    given = status ?? statusCode
  } catch {
    // A getter that throws says nothing of a status.
    return undefined
  }
  return Number.isInteger(given) && Number(given) >= 400 && Number(given) <= 499 ? Number(given) : undefined
}

/** Whether somebody stopped because nobody waits any more: by an aborted signal, or a stream whose reader has gone. */
export function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  try {
    return (
      error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE'
    )
  } catch {
    return false
  }
}
