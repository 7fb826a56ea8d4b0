import { isKeyId, type SealingKey } from '../../lib/seal.ts'
import type { Secret } from '../../lib/secret.ts'
import { at, type OptionReaders, type Place, report, required } from '../../options/read.ts'
import { list, options, textThat } from '../../options/readers.ts'
import { readSecret, SECRET_INSTEAD } from '../../options/secret.ts'

/** A secret that seals sessions, and its name. */
export interface SessionKey {
  /** Goes in clear with every session that it seals: letters, digits, `-` and `_`, at most 32 of them. */
  readonly id: string
  /** At least 32 random bytes, as bytes or as base64url: `randomBytes(32).toString('base64url')`. */
  readonly secret: string | Uint8Array | Secret
}

const READERS = {
  id: required(
    textThat(isKeyId, 'the id of a key', "letters, digits, - and _, such as '2026-11'"),
    "Write a name that no other key has, such as '2026-11'.",
  ),
  secret: required(readSecret, SECRET_INSTEAD),
} satisfies OptionReaders<SessionKey>

const KEYS = list(options(READERS), {
  min: 1,
  example: "a list of keys, such as [{ id: '2026-11', secret }]",
})

/** Sessions of more keys than these have long ended. */
const MAX_KEYS = 16

/** Reads the keys of a session: each of them with a name of its own. */
export function readKeys(value: unknown, place: Place): readonly [SealingKey, ...SealingKey[]] | undefined {
  const read = KEYS(value, place)
  if (read === undefined) return undefined
  if (read.length > MAX_KEYS) {
    return report(place, 'out_of_range', `has more than ${MAX_KEYS} keys.`, 'Leave the oldest out.')
  }
  const ids = new Set<string>()
  const keys: SealingKey[] = []
  for (const [index, { id, secret }] of read.entries()) {
    if (id === undefined || secret === undefined) continue
    if (ids.has(id)) {
      report(at(at(place, index), 'id'), 'duplicate_value', 'is that of an earlier key.', 'Write another.')
    }
    ids.add(id)
    keys.push({ id, secret })
  }
  const [first, ...others] = keys
  return first === undefined ? undefined : [first, ...others]
}
