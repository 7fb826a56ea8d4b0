/** Whether two types are the same, `any` and `unknown` told apart. */
export type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles for what is true, and does nothing. */
export function assertType<T extends true>(..._proof: readonly T[]): void {}
