/** What a plan says of the lines of Node, and of the runs. */
export interface Lines {
  /** Lines of Node; the bench's own when there is none. */
  readonly nodes: readonly string[]
  /** How many runs it was measured in, where results of several were put together. */
  readonly times?: number
}

/** What the outline of a part tells of the rounds, and of the lines of Node. */
export function outlineOf({ nodes, times = 1 }: Lines, rounds: string): readonly string[] {
  return [
    times > 1
      ? `in ${times} runs, with fresh processes in each round`
      : `${rounds}, each with fresh processes`,
    ...(nodes.length > 0 ? [`Node ${nodes.join(', ')}`] : []),
  ]
}
