import type { Round, RunOf, Taken } from '../merge.ts'
import { lineOf } from '../nodes.ts'

/**
 * When what was measured, where it was not in one run; else nothing.
 *
 * @param told what samples are of, in a few words
 */
export function takenAsMarkdown<S extends Round>(
  runs: readonly RunOf<S>[],
  taken: readonly Taken[] | undefined,
  told: (samples: readonly S[]) => readonly string[],
): readonly string[] {
  if (taken === undefined || taken.length < 2) return []
  const inOrder = runs.toSorted((a, b) => Number(lineOf(a.node)) - Number(lineOf(b.node)))
  const lines = taken.map(({ from, to, date, commit, loadBefore, rounds }) => {
    // Lines of Node with the same stand together.
    const nodes = new Map<string, string[]>()
    for (const { node, samples } of inOrder) {
      const own = samples.filter(({ round }) => round >= from && round <= to)
      for (const what of own.length === 0 ? [] : told(own))
        nodes.set(what, [...(nodes.get(what) ?? []), node === '' ? 'any Node' : node])
    }
    const at = commit === undefined ? '' : ` at commit \`${commit}\``
    const what = [...nodes].map(([each, on]) => `${each} on ${on.join(', ')}`).join('; ')
    return `- On ${date.slice(0, 10)}${at}, load before ${loadBefore}, ${rounds}: ${what}.\n`
  })
  return [
    'Not all of it was measured in one run; what is told beside a floor is of the same run as it:\n',
    lines.join(''),
  ]
}
