/** What different kinds of work cost, in milliseconds each. */
export type Times = Readonly<Record<string, number>>

/**
 * Measures some kinds of work that should cost the same, and gives their times; {@link spread} tells how they differ.
 *
 * They are done in turns, so that whatever else the machine does meets all of them alike, and the median of each is
 * taken, which a few interruptions do not move. A series that a busy machine spoilt all the same is measured again, a few
 * times at most: noise goes away, and what one kind does less than another stays.
 *
 * @param kinds what to do for each kind; what it gives is waited for
 * @param enough the spread with which a series is good
 */
export async function measured(
  kinds: Readonly<Record<string, () => unknown>>,
  rounds: number,
  enough: number,
): Promise<Times> {
  let best = await medians(kinds, rounds)
  for (let again = 0; again < 4 && spread(best) >= enough; again++) {
    // oxlint-disable-next-line no-await-in-loop -- side by side they would be timed together
    const next = await medians(kinds, rounds)
    if (spread(next) < spread(best)) best = next
  }
  return best
}

/** How many times as long the slowest kind takes as the quickest. */
export function spread(times: Times): number {
  const all = Object.values(times)
  return Math.max(...all) / Math.min(...all)
}

async function medians(kinds: Readonly<Record<string, () => unknown>>, rounds: number): Promise<Times> {
  const names = Object.keys(kinds)
  const times = new Map<string, number[]>(names.map((name) => [name, []]))
  // The first rounds warm up, and do not count.
  for (let round = -3; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      // Another one goes first each time: what comes after a pause of the machine is slower.
      const name = names[(turn + round + 3) % names.length] ?? ''
      const start = performance.now()
      // oxlint-disable-next-line no-await-in-loop -- side by side they would be timed together
      await kinds[name]?.()
      if (round >= 0) times.get(name)?.push(performance.now() - start)
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]))
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN
}
