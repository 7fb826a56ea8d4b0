/**
 * The query of a request, read once and in one way: parameters as `name=value` between `&`, percent-encoding and `+`
 * undone, names as they are. Brackets mean nothing in it: `a[]` is a name of its own.
 */
export interface Query extends Iterable<readonly [name: string, value: string]> {
  /**
   * The value of a parameter, `undefined` when there is none of the name. Of one that comes more than once the first, or
   * what `request.query.repeated` of the policy says.
   */
  readonly get: (name: string) => string | undefined
  /** Every value of a parameter, in order. */
  readonly all: (name: string) => readonly string[]
  /** Whether there is a parameter of this name. */
  readonly has: (name: string) => boolean
}
