/** A response, ready to be written. */
export interface Answer {
  readonly status: number
  /** Name, value, name, value, ... */
  readonly fields: readonly string[]
  readonly body: string
}
