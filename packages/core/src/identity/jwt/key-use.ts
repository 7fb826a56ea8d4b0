import type { MistakeCode } from '../../contract/mistakes.ts'

/** What a key is for. */
export type KeyUse = 'verify' | 'sign'

/** Why a key cannot be used; constant text, so that no key is ever printed. */
export interface KeyProblem {
  readonly code: MistakeCode
  readonly message: string
  readonly instead: string
}

/** Says why a key cannot be used, and what to write instead. */
export function keyProblem(code: MistakeCode, message: string, instead: string): KeyProblem {
  return { code, message, instead }
}
