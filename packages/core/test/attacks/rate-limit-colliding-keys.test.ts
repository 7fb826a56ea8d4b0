import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { HalfSipHash, SEED_BYTES } from '../../src/lib/half-sip-hash.ts'
import { Table } from '../../src/limiting/table.ts'

/*
 * The attack: keys come from clients. Write many that a hash table puts into one place, and each costs as much time as
 * all before it; write two that the hash cannot tell apart, and one client spends the limit of another.
 */

/** The longest way that a search for one of these keys goes, and how many keys the fullest shard has. */
function worstOf(
  seed: Buffer,
  keys: readonly string[],
): { readonly steps: number; readonly fullest: number } {
  const hash = new HalfSipHash(seed)
  const table = new Table(1_000_000)
  for (const key of keys) {
    hash.hash(key)
    const { high, low } = hash
    assert.equal(table.shardOf(low).find(high, low), -1, `${key} meets another`)
    table.insert(high, low, 1, 1, 0)
  }
  let steps = 0
  for (const key of keys) {
    hash.hash(key)
    const { high, low } = hash
    const shard = table.shardOf(low)
    let length = 1
    for (let at = shard.home(high); at !== shard.find(high, low); at = shard.next(at)) length++
    steps = Math.max(steps, length)
  }
  return { steps, fullest: Math.max(...table.shards.map(({ count }) => count)) }
}

/** Keys that one table with this seed has all in its first shard, next to each other. */
function chosen(seed: Buffer, count: number): readonly string[] {
  const hash = new HalfSipHash(seed)
  const keys: string[] = []
  for (let i = 0; keys.length < count; i++) {
    hash.hash(`chosen ${i}`)
    if (hash.low >>> 22 === 0) keys.push(`chosen ${i}`)
  }
  return keys
}

test('RL-22: keys that were chosen against one store lie in another as any others do', () => {
  const known = randomBytes(SEED_BYTES)
  const keys = chosen(known, 1_000)
  assert.equal(worstOf(known, keys).fullest, 1_000, 'whoever knows the seed can do it')
  const { fullest, steps } = worstOf(randomBytes(SEED_BYTES), keys)
  assert.ok(fullest < 60, `${fullest} of 1000 keys in one of 64 shards`)
  assert.ok(steps < 60, `${steps} steps`)
})

test('RL-22: keys that are like each other spread as random ones do', () => {
  const families: Readonly<Record<string, (i: number) => string>> = {
    'counting up': (i) => `7:defaultc=${i}`,
    addresses: (i) => `7:defaultc=203.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    'the same but for the first character': (i) => String.fromCharCode(i) + 'x'.repeat(40),
    'one character, more and more of it': (i) => 'a'.repeat(i % 2_000) + String(Math.floor(i / 2_000)),
  }
  for (const [name, key] of Object.entries(families)) {
    const keys = new Set(Array.from({ length: 60_000 }, (_, i) => key(i)))
    const { fullest, steps } = worstOf(randomBytes(SEED_BYTES), [...keys])
    assert.ok(fullest < (keys.size / 64) * 1.3, `${name}: ${fullest} in one shard`)
    assert.ok(steps < 600, `${name}: ${steps} steps`)
  }
})
