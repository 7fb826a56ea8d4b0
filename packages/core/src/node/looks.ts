/** How often is looked at what may take some time: what is late is found up to a quarter of the time later. */
export const LOOKS = 4

/** What becomes of something that waits to be taken. */
export interface Progress {
  /** How much had been taken when it began to wait, or last went on. */
  taken: number
  /** How many looks ago that was; 0 while nothing waits. */
  looks: number
}

/**
 * Looks once more, and tells whether a whole time went by while something waited at each look, and no more than `least` of it
 * was taken.
 */
export function lookAgain(progress: Progress, isWaiting: boolean, taken: number, least = 0): boolean {
  if (!isWaiting) {
    progress.looks = 0
    return false
  }
  if (progress.looks === 0 || taken - progress.taken > least) {
    progress.taken = taken
    progress.looks = 1
    return false
  }
  return ++progress.looks > LOOKS
}

/** Things that are looked at while there are any. */
export interface Watched<T> {
  readonly add: (each: T) => void
  readonly remove: (each: T) => void
  /** Forgets all of them. */
  readonly clear: () => void
}

/** Looks at each of some things as often as it takes to find what is late by `timeout` milliseconds. */
export function watchEach<T>(timeout: number, look: (each: T) => void): Watched<T> {
  const watched = new Set<T>()
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  return {
    add(each) {
      watched.add(each)
      timer ??= setInterval(() => watched.forEach(look), Math.max(1, Math.floor(timeout / LOOKS))).unref()
    },
    remove(each) {
      watched.delete(each)
      if (watched.size === 0) stop()
    },
    clear() {
      watched.clear()
      stop()
    },
  }
}
