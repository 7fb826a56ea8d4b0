import { type Mistake, MISTAKES, type MistakeCode } from '@gatehouse/core'
import type { Check } from './check.ts'

/** How the mistakes of one code are mended; each mistake says it more exactly. */
const INSTEAD: Readonly<Record<MistakeCode, string>> = {
  unknown_option: "rateLimit: { limit: 100, window: '1m' } // as it is spelt in the documents",
  missing_option: "hosts: ['api.example.com']",
  wrong_type: "rateLimit: { limit: 100 } // not '100'",
  out_of_range: "window: '1m'",
  malformed_value: "origins: ['https://app.example.com']",
  duplicate_value: "hosts: ['api.example.com'] // each once",
  contradiction: "cors: { origins: ['https://app.example.com'], credentials: true }",
  unsafe_value: 'the safe way, as the mistake says it',
  unknown_reference: 'roles: { admin: [] } // define what a rule names',
}

/** Mistakes for which a policy does not build: a row for each code of the core. */
export const MISTAKE_CHECKS: readonly Check<readonly Mistake[]>[] = Object.entries(MISTAKES).map(
  ([code, meaning]) => ({
    code: `mistake.${code.replaceAll('_', '-')}`,
    severity: 'error',
    title: `The policy does not build: ${meaning.charAt(0).toLowerCase()}${meaning.slice(1)}`,
    why: 'The server does not start: gatehouse() throws.',
    instead: INSTEAD[code as MistakeCode],
    reference: 'docs/codes.md',
    *find(mistakes) {
      for (const mistake of mistakes)
        if (mistake.code === code)
          yield { where: mistake.path, detail: `It ${mistake.message}`, instead: mistake.instead }
    },
  }),
)
