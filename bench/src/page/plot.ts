/** A picture that is to be drawn. */
export interface Plot {
  /** The name of its file, without what it ends with. */
  readonly name: string
  readonly title: string
  /** What the numbers are. */
  readonly unit: string
  readonly form: Bars | Stacked | Lines
}

/** A bar for each name, and how far the rounds lie apart. */
export interface Bars {
  readonly type: 'bars'
  readonly bars: readonly {
    readonly name: string
    readonly value: number
    readonly low: number
    readonly high: number
  }[]
  /** A line over all of them: the floor, or what was to be reached. */
  readonly mark?: { readonly name: string; readonly value: number }
}

/** A bar for each name, made of the same segments one after the other. */
export interface Stacked {
  readonly type: 'stacked'
  readonly segments: readonly string[]
  readonly bars: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** How something grows with something else; both axes are of powers of ten. */
export interface Lines {
  readonly type: 'lines'
  /** What grows. */
  readonly of: string
  readonly lines: readonly {
    readonly name: string
    readonly points: readonly (readonly [of: number, value: number])[]
  }[]
}
