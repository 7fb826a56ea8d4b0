import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@gatehouse/core'
import { type PostgresStore, postgresSchema, postgresStore, type PostgresStoreOptions } from '../src/index.ts'

const quota = { limit: 5, windowMs: 60_000 }

/** A pool that notes what it is asked, and answers alike. */
function noting(told: unknown = '1 4 0 0 0'): {
  readonly asked: (readonly [string, readonly unknown[]])[]
  readonly store: PostgresStore
} {
  const asked: (readonly [string, readonly unknown[]])[] = []
  const query = async (text: string, values: readonly unknown[] = []): Promise<{ rows: unknown[] }> => {
    asked.push([text, values])
    return { rows: [{ told }] }
  }
  return { asked, store: postgresStore({ pool: { query } }) }
}

/** Every call, with what a client could have chosen in all of it. */
const CALLS: Readonly<Record<string, (store: PostgresStore, text: string) => Promise<unknown>>> = {
  take: async (store, key) => store.take([{ key, quota, cost: 1 }]),
  peek: async (store, key) => store.peek([{ key, quota, cost: 1 }]),
  adjust: async (store, key) => store.adjust([{ key, quota, units: 1 }]),
  block: async (store, key) => store.block([key], 1),
  reset: async (store, key) => store.reset([key]),
  add: async (store, key) => store.add(key, key, 1),
  write: async (store, key) => store.write(key, key, 1),
  read: async (store, key) => store.read([key]),
  remove: async (store, key) => store.remove(key),
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`RL-07: ${name} is one statement`, async () => {
    const { asked, store } = noting(name === 'read' ? '[null]' : '1 4 0 0 0')
    await call(store, 'a')
    assert.equal(asked.length, 1)
  })

  test(`RL-10: no text that a client chose is part of the statement of ${name}`, async () => {
    const statements = new Set<string>()
    for (const text of [
      'a',
      "'; drop table gatehouse_counters; --",
      '"',
      '\\',
      '$1',
      '{a,b}',
      '\0',
      '\uD800',
    ]) {
      const { asked, store } = noting(name === 'read' ? '[null]' : '1 4 0 0 0')
      await call(store, text)
      const [statement, values] = asked[0] ?? ['', []]
      statements.add(statement)
      // Digests, letters and numbers; the value of a record is a text of ASCII.
      for (const value of values) assert.match(String(value), /^[\x20-\x7E]*$/)
    }
    assert.equal(statements.size, 1)
  })
}

test('RL-07: the limits of a request are one statement, however many they are', async () => {
  const { asked, store } = noting(Array.from({ length: 9 }, () => '1 4 0 0 0').join(' '))
  await store.take(Array.from({ length: 9 }, (_, index) => ({ key: String(index), quota, cost: 1 })))
  assert.equal(asked.length, 1)
})

test('RL-08: what a pool answers that is no answer rejects', async () => {
  const take = async (query: unknown): Promise<unknown> =>
    postgresStore({ pool: { query } as unknown as PostgresStoreOptions['pool'] }).take([
      { key: 'a', quota, cost: 1 },
    ])
  for (const answer of [undefined, null, {}, [], { rows: [] }, { rows: [{}] }, { rows: [{ told: 1 }] }])
    await assert.rejects(
      take(async () => answer),
      Error,
      JSON.stringify(answer),
    )
  for (const told of ['', '1 4 0 0', '1 4 0 0 0 1 4 0 0 0', '1 4 0 0 NaN', '1 4 0.5 0 0'])
    await assert.rejects(
      take(async () => ({ rows: [{ told }] })),
      /other outcomes/,
      told,
    )
  await assert.rejects(
    take(async () => Promise.reject(new Error('lost'))),
    /lost/,
  )
  await assert.rejects(
    take(() => {
      throw new Error('thrown')
    }),
    /thrown/,
  )
  for (const told of ['1', '[]', '[null,null]', '{'])
    await assert.rejects(noting(told).store.read(['a']), Error, told)
})

test('RL-06: a clock that gives no time rejects, and nothing is asked', async () => {
  for (const time of [Number.NaN, Infinity, -1]) {
    let asked = 0
    const query = async (): Promise<{ rows: unknown[] }> => ({ rows: [asked++] })
    const store = postgresStore({ pool: { query }, clock: { now: () => time } })
    await assert.rejects(CALLS['take']?.(store, 'a') ?? Promise.resolve(), TypeError)
    assert.equal(asked, 0)
  }
})

test('RL-08: whatever option cannot be used is refused, all of them at once', () => {
  const pool = { query: async (): Promise<{ rows: unknown[] }> => ({ rows: [] }) }
  const cases: readonly (readonly [name: string, options: unknown, mistakes: readonly string[]])[] = [
    ['nothing', undefined, ['wrong_type postgresStore', 'missing_option postgresStore.pool']],
    ['no pool', {}, ['missing_option postgresStore.pool']],
    ['a pool that is none', { pool: 'postgres://127.0.0.1' }, ['wrong_type postgresStore.pool']],
    ['null', { pool: null }, ['wrong_type postgresStore.pool']],
    ['a promise', { pool: Promise.resolve(pool) }, ['wrong_type postgresStore.pool']],
    ['a pool of MySQL', { pool: { ...pool, escapeId: () => '' } }, ['wrong_type postgresStore.pool']],
    ['an unknown option', { pool, table: 'a' }, ['unknown_option postgresStore.table']],
    ['a clock that is none', { pool, clock: Date.now }, ['wrong_type postgresStore.clock']],
    ['no boolean', { pool, loggedCounters: 'no' }, ['wrong_type postgresStore.loggedCounters']],
    [
      'several',
      { pool, schema: 1, name: '', prefix: 'a b' },
      [
        'wrong_type postgresStore.schema',
        'malformed_value postgresStore.name',
        'malformed_value postgresStore.prefix',
      ],
    ],
  ]
  for (const [name, options, mistakes] of cases) {
    assert.throws(
      () => postgresStore(options as PostgresStoreOptions),
      (error) => {
        assert.ok(error instanceof ConfigError, name)
        assert.deepEqual(
          error.mistakes.map(({ code, path }) => `${code} ${path}`),
          mistakes,
          name,
        )
        return true
      },
    )
  }
})

test('RL-10: names that would have to be quoted, cut or are those of the server are refused', () => {
  const names = ['A', 'a-b', 'a.b', 'a"b', "a'b", 'a b', '1a', 'é', 'a\0', 'a'.repeat(41), 'pg_a', '$a']
  for (const name of [...names, 'information_schema']) {
    assert.throws(() => postgresSchema({ schema: name }), ConfigError, name)
    assert.throws(() => postgresSchema({ name }), ConfigError, name)
  }
  for (const name of ['a', '_', 'a_1', 'a'.repeat(40)]) {
    assert.match(postgresSchema({ schema: name, name }), new RegExp(`"${name}"."${name}_take"`))
  }
})
