/** What different kinds of work cost, in milliseconds of the processor each. */
export type Times = Readonly<Record<string, number>>

/**
 * Measures some kinds of work that should cost the same, and gives their times; {@link spread} tells how they differ.
 *
 * They are done in turns, so that whatever else the machine does meets all of them alike. It is the time of the processor
 * that is measured, all threads of this process together, which others that want it too do not add to; and of each kind
 * the time is taken that a quarter of its rounds stay below, which interruptions do not move. A series that a busy machine spoilt all the same is measured again, a few
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
  let best = await quartiles(kinds, rounds)
  for (let again = 0; again < 4 && spread(best) >= enough; again++) {
    // oxlint-disable-next-line no-await-in-loop -- side by side they would be timed together
    const next = await quartiles(kinds, rounds)
    if (spread(next) < spread(best)) best = next
  }
  return best
}

/** How many times as long the slowest kind takes as the quickest. */
export function spread(times: Times): number {
  const all = Object.values(times)
  return Math.max(...all) / Math.min(...all)
}

async function quartiles(kinds: Readonly<Record<string, () => unknown>>, rounds: number): Promise<Times> {
  const names = Object.keys(kinds)
  const times = new Map<string, number[]>(names.map((name) => [name, []]))
  // The first rounds warm up, and do not count.
  for (let round = -3; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      // Another one goes first each time: what comes after a pause of the machine is slower.
      const name = names[(turn + round + 3) % names.length] ?? ''
      const start = process.cpuUsage()
      // oxlint-disable-next-line no-await-in-loop -- side by side they would be timed together
      await kinds[name]?.()
      const { user, system } = process.cpuUsage(start)
      if (round >= 0) times.get(name)?.push((user + system) / 1000)
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, quartile(all)]))
}

function quartile(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 2] ?? NaN
}
