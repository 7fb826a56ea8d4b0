import assert from 'node:assert/strict'

/** How long at most: no test takes that, however busy the machine is. */
const LONGEST_MS = 60_000

/** Waits until something is so: looks at every turn of the event loop, and fails by the clock rather than by a number of turns. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LONGEST_MS
  // oxlint-disable-next-line no-await-in-loop -- it is looked again because it was not so before
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, 'it never came to that')
    // oxlint-disable-next-line no-await-in-loop -- as above
    await new Promise((resolve) => setImmediate(resolve))
  }
}
