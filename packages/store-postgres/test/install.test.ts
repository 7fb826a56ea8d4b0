import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { postgresSchema, postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

const charge = { key: 'a', quota: { limit: 5, windowMs: 60_000 }, cost: 1 }

describe('the set-up', { skip }, () => {
  let server: PostgresServer
  let pool: ReturnType<PostgresServer['pool']>
  before(async () => {
    server = await startPostgres()
    pool = server.pool()
  })
  after(() => server.stop())

  /** A pool on a database of its own. */
  async function database(name: string, words = ''): Promise<typeof pool> {
    await pool.query(`create database ${name} template template0 ${words}`)
    return server.pool({ database: name })
  }

  async function one(sql: string, on = pool): Promise<unknown> {
    const { rows } = await on.query<{ readonly one: unknown }>(sql)
    return rows[0]?.one
  }

  test('RL-08: a store that is not set up rejects, and says what is to be done', async () => {
    const store = postgresStore({ pool, schema: 'nowhere' })
    await assert.rejects(store.take([charge]), { message: /store\.install\(\).*postgresSchema\(\)/ })
  })

  test('RL-05: it can be run again, by several at once, and keeps what is counted', async () => {
    const on = await database('again')
    const store = postgresStore({ pool: on, schema: 'app', name: 'limits' })
    await Promise.all(Array.from({ length: 6 }, async () => store.install()))
    await store.take([charge])
    await store.install()
    await on.query(postgresSchema({ schema: 'app', name: 'limits' }))
    assert.equal((await store.peek([charge]))[0]?.remaining, 4)
    assert.equal(await one(`select count(*)::int as one from app.limits_counters`, on), 1)
    assert.equal(await one(`select to_regclass('public.limits_counters') as one`, on), null)
  })

  test('with an older version it brings the functions up to date, and a newer one it leaves alone', async () => {
    const on = await database('versions')
    const store = postgresStore({ pool: on })
    await store.install()
    const broken = `create or replace function gatehouse_take(
        keys text[], kinds "char"[], quotas bigint[], charges bigint[], taking boolean, sweep integer, given bigint
      ) returns text language sql as $$ select 'of another version' $$`
    for (const [version, works] of [
      [0, true],
      [1_000, false],
    ] as const) {
      await on.query(broken)
      await on.query(
        `create or replace function gatehouse_version() returns integer language sql as 'select ${version}'`,
      )
      await store.install()
      if (works) assert.equal((await store.take([charge])).length, 1)
      else await assert.rejects(store.take([charge]), { message: /other outcomes/ })
    }
  })

  test('RL-08: counters are unlogged unless they are asked to be logged, and records are logged always', async () => {
    const on = await database('logs')
    const persistence = async (table: string): Promise<unknown> =>
      one(`select relpersistence as one from pg_class where relname = 'gatehouse_${table}'`, on)
    for (const [loggedCounters, letter] of [
      [false, 'u'],
      [true, 'p'],
      [false, 'u'],
    ] as const) {
      await postgresStore({ pool: on, loggedCounters }).install()
      assert.deepEqual([await persistence('counters'), await persistence('records')], [letter, 'p'])
    }
  })

  test('whoever may only use the tables can set up what is set up, and use it', async () => {
    const on = await database('rights')
    await on.query(postgresSchema({ schema: 'app' }))
    await on.query(`create role caller login;
      grant usage on schema app to caller;
      grant select, insert, update, delete on app.gatehouse_counters, app.gatehouse_records to caller`)
    const store = postgresStore({ pool: server.pool({ database: 'rights', user: 'caller' }), schema: 'app' })
    await store.install()
    assert.equal((await store.take([charge]))[0]?.remaining, 4)
    assert.equal(await store.add('a', 'value', 60_000), true)
    await store.block(['a'], 1_000)
    await store.reset(['a'])
    await store.sweep()
  })

  test('whoever may create functions and operators on the path of the caller runs none of them (CVE-2018-1058)', async () => {
    const on = await database('path')
    // Each fits better than that of the server: all types are the same.
    await on.query(`
      create role stranger; grant create on schema public to stranger; set role stranger;
      create function concat_ws(a text, b int, c bigint, d bigint, e bigint, f int) returns text
        language plpgsql as $$ begin raise 'a function of a stranger'; end $$;
      create function theirs(a bigint, b bigint[]) returns bigint[]
        language plpgsql as $$ begin raise 'an operator of a stranger'; end $$;
      create operator || (leftarg = bigint, rightarg = bigint[], function = theirs);
      create function same(a oid, b regclass) returns boolean
        language plpgsql as $$ begin raise 'an operator of a stranger, in the set-up'; end $$;
      create operator = (leftarg = oid, rightarg = regclass, function = same);
      reset role`)
    const store = postgresStore({ pool: on, schema: 'app' })
    await store.install()
    await store.install()
    for (const algorithm of ['gcra', 'sliding-window', 'fixed-window'] as const) {
      const counted = { ...charge, quota: { ...charge.quota, algorithm } }
      await store.take([counted])
      assert.equal((await store.take([counted]))[0]?.remaining, 3)
      assert.equal((await store.adjust([{ ...counted, units: 1 }]))[0]?.remaining, 2)
    }
    await store.block(['a'], 1_000)
    await store.reset(['a'])
    await store.add('a', 'value', 60_000)
    await store.write('a', 'value', 60_000)
    assert.deepEqual(await store.read(['a']), ['value'])
    await store.remove('a')
    await store.sweep()
  })

  test('a migration goes on with the path that it had before', async () => {
    const on = await database('migration')
    for (const _ of ['sets up', 'is set up']) {
      const client = await on.connect()
      await client.query(`begin; set local search_path = app, public; ${postgresSchema({ schema: 'app' })};`)
      const { rows } = await client.query<{ readonly search_path: string }>('show search_path')
      await client.query('commit')
      client.release()
      assert.equal(rows[0]?.search_path, 'app, public')
    }
  })

  test('RL-10, RL-30: keys and values are kept in a database of whatever encoding', async () => {
    for (const encoding of ['LATIN1', 'SQL_ASCII']) {
      const on = await database(encoding.toLowerCase(), `encoding '${encoding}' locale 'C'`)
      const store = postgresStore({ pool: on })
      await store.install()
      const value = 'é😀\0\uD800 \\ "\' \u2028'
      assert.equal(await store.add(value, value, 60_000), true)
      assert.deepEqual(await store.read([value]), [value], encoding)
      await store.take([{ ...charge, key: value }])
      assert.equal((await store.peek([{ ...charge, key: value }]))[0]?.remaining, 4)
    }
  })

  test('RL-10: neither keys nor values nor addresses of clients stand in a table', async () => {
    const on = await database('digests')
    const store = postgresStore({ pool: on })
    await store.install()
    await store.take([{ ...charge, key: '6:clientc=203.0.113.7' }])
    await store.add('203.0.113.7', 'value', 60_000)
    const { rows } = await on.query<{ readonly key: string }>(
      'select key from gatehouse_counters union all select key from gatehouse_records',
    )
    assert.equal(rows.length, 2)
    for (const { key } of rows) assert.match(key, /^[\w-]{43}$/)
  })
})
