import type { Names } from './names.ts'

/** What the functions below are; raised with every change of them. A newer one that is found there is left alone. */
export const VERSION = 1

/** Keeps two set-ups from meeting: any number that nobody else locks. */
const LOCK = 7_168_455_025_441

/**
 * Where PostgreSQL looks for what a body names without its schema: operators and functions of its own. They are named by all
 * else, so a schema that others may create in could have one that fits better, and is run with the rights of whoever calls
 * (CVE-2018-1058).
 */
const TRUSTED_PATH = 'pg_catalog, pg_temp'

/** On every function that the store calls; those that it calls in turn are run with the path of their caller. */
const PINNED = `set search_path = ${TRUSTED_PATH}`

/**
 * All that the store needs in a database, as one statement that may be run any number of times.
 *
 * Whoever calls a function names it with its schema, and so do the functions among themselves; what belongs to the server is
 * looked for there alone. So no `search_path` of a caller decides what is called.
 */
export function schemaOf(names: Names, loggedCounters: boolean): string {
  const { schema, counters, records, fn } = names
  const kept = loggedCounters ? '' : 'unlogged '
  const persistence = loggedCounters ? 'p' : 'u'
  return /* sql */ `do $gatehouse_install$
declare
  path_before text := pg_catalog.current_setting('search_path');
begin

-- For this statement alone: a migration goes on with its own.
perform pg_catalog.set_config('search_path', '${TRUSTED_PATH}', true);

-- Two processes that start at once set up one after the other.
perform pg_advisory_xact_lock(${LOCK});

-- Nothing to do, and no right to do it asked for, where this version is there already, or a newer one: a newer version
-- answers the calls of this one.
if to_regprocedure('${fn('version')}()') is not null
    and to_regclass('${records}') is not null
    and exists (
      select from pg_class where oid = to_regclass('${counters}') and relpersistence = '${persistence}'
    )
then
  if ${fn('version')}() >= ${VERSION} then
    perform pg_catalog.set_config('search_path', path_before, true);
    return;
  end if;
end if;

if to_regnamespace('${schema}') is null then
  create schema ${schema};
end if;

---------------------------------------------------------------------------------------------------------------- tables

-- What keys have spent, and until when they are blocked. The key is a digest, so that it is short, and nobody's address
-- stands in the table; it is compared by its bytes, in whatever language the database sorts.
--
-- kind  state
-- b     until when the key is blocked
-- f     when the window ends; units spent in it
-- g     when the limit is whole again (tat), rounded up to a millisecond; by how many units of time; units in a millisecond
-- s     milliseconds in a slice; number of the newest slice; units spent in it, and in each of the sixteen before it
--
-- Every row has an expiry, since it follows from the state: there is no other place where it could be forgotten, and a row
-- whose state makes no sense has expired.
--
-- A change that touches no index is cheap (heap-only tuples): so what is indexed is the minute after the expiry, and pages
-- keep room. The fewer dead rows a table of small rows has, the faster is every call, so vacuum comes early.
create ${kept}table if not exists ${counters} (
  key text collate "C" not null,
  kind "char" not null,
  state bigint[] not null,
  -- When the row was written: one that was written in the future tells that the clock went back.
  written_ms bigint not null,
  expires_ms bigint not null generated always as (
    coalesce(case kind when 's' then (state[2] + 17) * state[1] else state[1] end, 0)
  ) stored,
  sweep_minute bigint not null generated always as (
    coalesce(case kind when 's' then (state[2] + 17) * state[1] else state[1] end, 0) / 60000 + 1
  ) stored,
  primary key (key, kind)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

create index if not exists ${names.countersIndex} on ${counters} (sweep_minute);

-- What is remembered: used proofs, revoked tokens, ended sessions. Never unlogged: whoever crashes the server must not make
-- it forget who was locked out. A value is a JSON text in ASCII, so that every database keeps every text.
create table if not exists ${records} (
  key text collate "C" primary key,
  value text not null,
  written_ms bigint not null,
  expires_ms bigint not null,
  sweep_minute bigint not null generated always as (expires_ms / 60000 + 1) stored
);

create index if not exists ${names.recordsIndex} on ${records} (sweep_minute);

-- The store was made with another option.
if not exists (select from pg_class where oid = to_regclass('${counters}') and relpersistence = '${persistence}') then
  alter table ${counters} set ${loggedCounters ? 'logged' : 'unlogged'};
end if;

------------------------------------------------------------------------------------------------------------- arithmetic

-- The same algorithms as in @gatehouse/core (limiting/gcra, fixed-window, sliding-window), in integers: the same outcomes,
-- to the millisecond. What is spent of a key at one moment is a list of integers:
--
-- g  units of time until the limit is whole again, 0 to the capacity
-- f  when the window ends; units spent in it
-- s  as it is kept, with the newest slice that of now
--
-- lim and win are limit and window, per the units of time in a millisecond: lim without what it has in common with win.

-- Milliseconds since the epoch: those of the server, or those that a test gives.
create or replace function ${fn('now')}(given bigint) returns bigint
language sql volatile as $fn$
  select coalesce(given, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)
$fn$;

create or replace function ${fn('used')}(spent bigint[]) returns bigint
language plpgsql immutable as $fn$
declare
  used bigint := 0;
begin
  for i in 3..19 loop
    used := used + spent[i];
  end loop;
  return used;
end
$fn$;

-- What is spent at this moment, of what was kept at another, under a quota that may have changed. What lies further ahead
-- than the quota can say (it shrank, the clock went back) counts as spent to the last unit and no more; slices of the
-- future, and those of another width, as spent now.
create or replace function ${fn('spent')}(
  kind "char", state bigint[], lim bigint, win bigint, per bigint, now_ms bigint
) returns bigint[]
language plpgsql immutable as $fn$
declare
  ahead bigint;
  width bigint;
  newest bigint;
  place bigint;
  used bigint;
  spent bigint[];
  makes_sense boolean := array_position(state, null) is null and 0 <= all (state);
begin
  if kind = 'g' then
    if not makes_sense or cardinality(state) <> 3 or state[1] <= now_ms then
      return array[0];
    end if;
    ahead := state[1] - now_ms;
    if ahead > win then
      return array[win * per];
    end if;
    -- The remainder is in units of the rate that it was counted with; without it, time is rounded up.
    return array[greatest(ahead * per - case when state[3] = per then state[2] else 0 end, 0)];
  end if;

  if kind = 'f' then
    if not makes_sense or cardinality(state) <> 2 or state[2] = 0 or state[1] <= now_ms then
      return array[now_ms + win, 0];
    end if;
    return array[least(state[1], now_ms + win), least(state[2], lim)];
  end if;

  width := (win - 1) / 16 + 1;
  spent := array[width, now_ms / width] || array_fill(0::bigint, array[17]);
  if not makes_sense or cardinality(state) <> 19 or state[1] = 0 then
    return spent;
  end if;
  newest := now_ms / state[1];
  for age in 0..16 loop
    place := greatest(newest - state[2] + age, 0);
    if place <= 16 then
      spent[3 + place] := spent[3 + place] + state[3 + age];
    end if;
  end loop;
  if state[1] <> width then
    used := least(${fn('used')}(spent), lim);
    spent := array[width, now_ms / width, used] || array_fill(0::bigint, array[16]);
  end if;
  return spent;
end
$fn$;

-- Milliseconds until there is room for a cost; for one that is more than the limit, more than any time.
create or replace function ${fn('wait')}(
  kind "char", spent bigint[], lim bigint, win bigint, per bigint, cost bigint, now_ms bigint
) returns bigint
language plpgsql immutable as $fn$
declare
  room bigint;
begin
  if cost > lim then
    return 9007199254740991;
  end if;
  if kind = 'g' then
    -- The emission interval is win * per / lim, which is a whole number.
    room := win * per - cost * (win * per / lim) - spent[1];
    return case when room >= 0 then 0 else (-room - 1) / per + 1 end;
  end if;
  if kind = 'f' then
    return case when spent[2] + cost <= lim then 0 else spent[1] - now_ms end;
  end if;
  room := lim - cost - ${fn('used')}(spent);
  if room >= 0 then
    return 0;
  end if;
  for age in reverse 16..1 loop
    room := room + spent[3 + age];
    if room >= 0 then
      return (spent[2] - age + 17) * spent[1] - now_ms;
    end if;
  end loop;
  return (spent[2] + 17) * spent[1] - now_ms;
end
$fn$;

-- Whole units left.
create or replace function ${fn('left')}(
  kind "char", spent bigint[], lim bigint, win bigint, per bigint
) returns bigint
language plpgsql immutable as $fn$
begin
  return case kind
    when 'g' then (win * per - spent[1]) / (win * per / lim)
    when 'f' then lim - spent[2]
    else greatest(lim - ${fn('used')}(spent), 0)
  end;
end
$fn$;

-- Milliseconds until nothing is spent any more.
create or replace function ${fn('reset_in')}(
  kind "char", spent bigint[], per bigint, now_ms bigint
) returns bigint
language plpgsql immutable as $fn$
begin
  if kind = 'g' then
    return case when spent[1] = 0 then 0 else (spent[1] - 1) / per + 1 end;
  end if;
  if kind = 'f' then
    return case when spent[2] = 0 then 0 else spent[1] - now_ms end;
  end if;
  for age in 0..16 loop
    if spent[3 + age] > 0 then
      return (spent[2] - age + 17) * spent[1] - now_ms;
    end if;
  end loop;
  return 0;
end
$fn$;

-- With so many units more, or fewer: nothing to the limit. What is given back is worth no more than the milliseconds of
-- within_ms, where they are given: by gcra; the others give back all at once.
create or replace function ${fn('with')}(
  kind "char", spent bigint[], lim bigint, win bigint, per bigint, units bigint, within_ms bigint, now_ms bigint
) returns bigint[]
language plpgsql immutable as $fn$
declare
  change bigint := units;
  given bigint;
  used bigint;
begin
  if kind = 'g' then
    change := least(greatest(units, -lim), lim) * (win * per / lim);
    change := greatest(change, -least(coalesce(within_ms, win), win) * per);
    return array[least(greatest(spent[1] + change, 0), win * per)];
  end if;
  if units < 0 and within_ms = 0 then
    return spent;
  end if;
  if kind = 'f' then
    used := least(greatest(spent[2] + units, 0), lim);
    -- A window of which nothing is spent any more is over: the next one begins with what is spent next.
    return case when used = 0 then array[now_ms + win, 0] else array[spent[1], used] end;
  end if;
  if units > 0 then
    spent[3] := spent[3] + least(units, greatest(lim - ${fn('used')}(spent), 0));
    return spent;
  end if;
  for age in reverse 16..0 loop
    given := least(-change, spent[3 + age]);
    spent[3 + age] := spent[3 + age] - given;
    change := change + given;
  end loop;
  return spent;
end
$fn$;

--------------------------------------------------------------------------------------------------------------- counters

-- The state of a counter, with when it was written before it, and the row locked until the call is over: the next one finds
-- what this one left. A row that is not there is made, empty, since only a row can be locked.
--
-- Whoever locks several does it one after the other in the order of their keys and kinds, and so holds none that comes after
-- one that it waits for: no two calls ever wait for each other.
create or replace function ${fn('lock')}(a_key text, a_kind "char") returns bigint[]
language plpgsql volatile as $fn$
declare
  was bigint[];
begin
  loop
    select written_ms || state into was from ${counters} where key = a_key and kind = a_kind for update;
    exit when found;
    insert into ${counters} (key, kind, state, written_ms) values (a_key, a_kind, '{}', 0)
      on conflict do nothing;
    exit when found;
    -- Somebody had made it, and has removed it since.
  end loop;
  return coalesce(was, '{0}');
end
$fn$;

-- Writes what is spent into a row that is locked; a row that says nothing goes.
create or replace function ${fn('keep')}(
  a_key text, a_kind "char", spent bigint[], per bigint, now_ms bigint
) returns void
language plpgsql volatile as $fn$
declare
  reset_in bigint := ${fn('reset_in')}(a_kind, spent, per, now_ms);
begin
  if reset_in = 0 then
    delete from ${counters} where key = a_key and kind = a_kind;
    return;
  end if;
  if a_kind = 'g' then
    spent := array[now_ms + reset_in, reset_in * per - spent[1], per];
  end if;
  update ${counters} set written_ms = now_ms, state = spent where key = a_key and kind = a_kind;
end
$fn$;

-- For how many milliseconds a key is blocked. A block that was made in the future lasts no longer than it was made for.
create or replace function ${fn('blocked')}(a_key text, now_ms bigint) returns bigint
language plpgsql volatile as $fn$
declare
  until_ms bigint;
  made_ms bigint;
begin
  select state[1], written_ms into until_ms, made_ms from ${counters} where key = a_key and kind = 'b';
  if until_ms is null or until_ms <= now_ms then
    return 0;
  end if;
  if made_ms <= now_ms then
    return until_ms - now_ms;
  end if;
  -- It lasts from now on, then. The row comes before some that are locked already, so it is not waited for: whoever has
  -- locked it does the same.
  update ${counters} set state = array[now_ms + until_ms - made_ms], written_ms = now_ms
    where kind = 'b' and key in (
      select key from ${counters} where key = a_key and kind = 'b' and written_ms = made_ms
      for update skip locked
    );
  return until_ms - made_ms;
end
$fn$;

-- Removes up to so many counters that have expired, and as many records. It waits for nobody: what is locked stays. How
-- many were removed.
create or replace function ${fn('expire')}(most integer, now_ms bigint) returns integer
language plpgsql volatile as $fn$
declare
  of_counters integer;
  of_records integer;
begin
  delete from ${counters} this using (
    select key, kind from ${counters} where sweep_minute <= now_ms / 60000
    order by sweep_minute limit most for update skip locked
  ) old
  where this.key = old.key and this.kind = old.kind;
  get diagnostics of_counters = row_count;
  delete from ${records} this using (
    select key from ${records} where sweep_minute <= now_ms / 60000
    order by sweep_minute limit most for update skip locked
  ) old
  where this.key = old.key;
  get diagnostics of_records = row_count;
  return of_counters + of_records;
end
$fn$;

-- An outcome as it is told: allowed, left, reset, retry after, blocked.
create or replace function ${fn('told')}(
  kind "char", spent bigint[], lim bigint, win bigint, per bigint, wait_ms bigint, blocked_ms bigint, now_ms bigint
) returns text
language plpgsql immutable as $fn$
declare
  reset_in bigint := ${fn('reset_in')}(kind, spent, per, now_ms);
begin
  if blocked_ms > 0 then
    return concat_ws(' ', 0, 0, greatest(reset_in, blocked_ms), greatest(wait_ms, blocked_ms), 1);
  end if;
  return concat_ws(
    ' ', (wait_ms = 0)::integer, ${fn('left')}(kind, spent, lim, win, per), reset_in, wait_ms, 0
  );
end
$fn$;

-- Decides charges, all or nothing, and takes them. Without taking it tells what there is now, and locks no counter.
--
-- keys, kinds, quotas  the counters, each once, in the order of keys and kinds; of each limit, window, units of time in a
--                      millisecond, and what all charges cost together
-- charges              in the order of the call: the number of the counter, and what the charges on it cost up to this one
-- sweep                how many rows that have expired are removed besides
-- given                the time, for tests
create or replace function ${fn('take')}(
  keys text[], kinds "char"[], quotas bigint[], charges bigint[], taking boolean, sweep integer, given bigint
) returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint;
  was bigint[];
  spent bigint[];
  q bigint[];
  c integer;
  rows text[];
  states text[];
  waits bigint[];
  blocks bigint[];
  allowed boolean := true;
  told text[];
begin
  for i in 1..cardinality(keys) loop
    if taking then
      was := ${fn('lock')}(keys[i], kinds[i]);
    else
      select written_ms || state into was from ${counters} where key = keys[i] and kind = kinds[i];
    end if;
    rows[i] := coalesce(was, '{0}')::text;
  end loop;

  -- Read when all that was waited for is over: it is decided now.
  now_ms := ${fn('now')}(given);

  for i in 1..cardinality(keys) loop
    q := quotas[4 * i - 3 : 4 * i];
    was := rows[i]::bigint[];
    states[i] := ${fn('spent')}(kinds[i], was[2:], q[1], q[2], q[3], now_ms)::text;
    blocks[i] := ${fn('blocked')}(keys[i], now_ms);
  end loop;

  for j in 1..cardinality(charges) / 2 loop
    c := charges[2 * j - 1];
    q := quotas[4 * c - 3 : 4 * c];
    waits[j] := ${fn('wait')}(kinds[c], states[c]::bigint[], q[1], q[2], q[3], charges[2 * j], now_ms);
    allowed := allowed and waits[j] = 0 and blocks[c] = 0;
  end loop;

  for i in 1..cardinality(keys) loop
    q := quotas[4 * i - 3 : 4 * i];
    was := rows[i]::bigint[];
    spent := states[i]::bigint[];
    if allowed and taking then
      spent := ${fn('with')}(kinds[i], spent, q[1], q[2], q[3], q[4], null, now_ms);
      states[i] := spent::text;
    end if;
    -- What was made for a call that is refused goes again. And what was written in the future is written now: else nobody
    -- would be let in before the clock is there again (RL-06).
    if taking and (allowed or cardinality(was) = 1 or was[1] > now_ms) then
      perform ${fn('keep')}(keys[i], kinds[i], spent, q[3], now_ms);
    end if;
  end loop;

  for j in 1..cardinality(charges) / 2 loop
    c := charges[2 * j - 1];
    q := quotas[4 * c - 3 : 4 * c];
    told[j] := ${fn('told')}(kinds[c], states[c]::bigint[], q[1], q[2], q[3], waits[j], blocks[c], now_ms);
  end loop;

  -- Last: from here on nothing is waited for, so what is locked by it holds up nobody who holds up us.
  if sweep > 0 then
    perform ${fn('expire')}(sweep, now_ms);
  end if;
  return array_to_string(told, ' ');
end
$fn$;

-- Changes what is spent, one adjustment after the other: number of the counter, units, and the milliseconds in which what is
-- given back has not come back by itself, or null. The rest is as above.
create or replace function ${fn('adjust')}(
  keys text[], kinds "char"[], quotas bigint[], adjustments bigint[], sweep integer, given bigint
) returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint;
  was bigint[];
  spent bigint[];
  q bigint[];
  c integer;
  states text[];
  blocks bigint[];
  told text[];
begin
  for i in 1..cardinality(keys) loop
    states[i] := ${fn('lock')}(keys[i], kinds[i])::text;
  end loop;
  now_ms := ${fn('now')}(given);
  for i in 1..cardinality(keys) loop
    q := quotas[4 * i - 3 : 4 * i];
    was := states[i]::bigint[];
    states[i] := ${fn('spent')}(kinds[i], was[2:], q[1], q[2], q[3], now_ms)::text;
    blocks[i] := ${fn('blocked')}(keys[i], now_ms);
  end loop;
  for j in 1..cardinality(adjustments) / 3 loop
    c := adjustments[3 * j - 2];
    q := quotas[4 * c - 3 : 4 * c];
    spent := ${fn('with')}(
      kinds[c], states[c]::bigint[], q[1], q[2], q[3], adjustments[3 * j - 1], adjustments[3 * j], now_ms
    );
    states[c] := spent::text;
    told[j] := ${fn('told')}(
      kinds[c], spent, q[1], q[2], q[3],
      ${fn('wait')}(kinds[c], spent, q[1], q[2], q[3], 1, now_ms), blocks[c], now_ms
    );
  end loop;
  for i in 1..cardinality(keys) loop
    perform ${fn('keep')}(keys[i], kinds[i], states[i]::bigint[], quotas[4 * i - 1], now_ms);
  end loop;
  if sweep > 0 then
    perform ${fn('expire')}(sweep, now_ms);
  end if;
  return array_to_string(told, ' ');
end
$fn$;

-- Blocks keys, in their order.
create or replace function ${fn('block')}(keys text[], ms bigint, given bigint) returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint := ${fn('now')}(given);
begin
  for i in 1..cardinality(keys) loop
    insert into ${counters} (key, kind, state, written_ms) values (keys[i], 'b', array[now_ms + ms], now_ms)
      on conflict (key, kind) do update set state = excluded.state, written_ms = excluded.written_ms;
  end loop;
  return '';
end
$fn$;

-- Forgets what keys have spent, and lifts their blocks.
create or replace function ${fn('reset')}(keys text[]) returns text
language plpgsql volatile ${PINNED} as $fn$
begin
  delete from ${counters} this using (
    select key, kind from ${counters} where key = any (keys) order by key, kind for update
  ) old
  where this.key = old.key and this.kind = old.kind;
  return '';
end
$fn$;

---------------------------------------------------------------------------------------------------------------- records

-- Keeps a record unless there is one that has not expired: 1 when it was kept. Of callers at once one is first, and the
-- others see its row.
create or replace function ${fn('add')}(a_key text, a_value text, ttl_ms bigint, sweep integer, given bigint)
returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint := ${fn('now')}(given);
  kept integer;
begin
  insert into ${records} as this (key, value, written_ms, expires_ms)
    values (a_key, a_value, now_ms, now_ms + ttl_ms)
    on conflict (key) do update
      set value = excluded.value, written_ms = excluded.written_ms, expires_ms = excluded.expires_ms
      where this.expires_ms <= excluded.written_ms;
  get diagnostics kept = row_count;
  if sweep > 0 then
    perform ${fn('expire')}(sweep, now_ms);
  end if;
  return kept::text;
end
$fn$;

-- Keeps a record, in place of the one that is there.
create or replace function ${fn('write')}(a_key text, a_value text, ttl_ms bigint, sweep integer, given bigint)
returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint := ${fn('now')}(given);
begin
  insert into ${records} as this (key, value, written_ms, expires_ms)
    values (a_key, a_value, now_ms, now_ms + ttl_ms)
    on conflict (key) do update
      set value = excluded.value, written_ms = excluded.written_ms, expires_ms = excluded.expires_ms;
  if sweep > 0 then
    perform ${fn('expire')}(sweep, now_ms);
  end if;
  return '';
end
$fn$;

-- The values of records, in the order of the keys, as one JSON list; null for one that is not there, or no longer.
create or replace function ${fn('read')}(keys text[], given bigint) returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint := ${fn('now')}(given);
begin
  return (
    select '[' || coalesce(string_agg(coalesce(this.value, 'null'), ',' order by asked.place), '') || ']'
    from unnest(keys) with ordinality asked (key, place)
    left join ${records} this on this.key = asked.key and this.expires_ms > now_ms
  );
end
$fn$;

-- Forgets a record: 1 when it was there and had not expired.
create or replace function ${fn('remove')}(a_key text, given bigint) returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint := ${fn('now')}(given);
  expired_ms bigint;
begin
  delete from ${records} where key = a_key returning expires_ms into expired_ms;
  return coalesce((expired_ms > now_ms)::integer, 0)::text;
end
$fn$;

---------------------------------------------------------------------------------------------------------------- sweeping

-- Removes what has expired, up to so many rows of each table: how many.
create or replace function ${fn('sweep')}(most integer, given bigint) returns text
language plpgsql volatile ${PINNED} as $fn$
begin
  return ${fn('expire')}(most, ${fn('now')}(given))::text;
end
$fn$;

-- What was written in the future, since the clock was ahead then, lasts from now on for as long as it was to last then. It
-- reads both tables from end to end, and waits for nobody.
create or replace function ${fn('mend')}(given bigint) returns text
language plpgsql volatile ${PINNED} as $fn$
declare
  now_ms bigint := ${fn('now')}(given);
begin
  update ${counters}
    set
      written_ms = now_ms,
      state = case kind
        when 's' then array[state[1], now_ms / nullif(state[1], 0)] || state[3:19]
        else (state[1] - written_ms + now_ms) || state[2:]
      end
    where (key, kind) in (
      select key, kind from ${counters} where written_ms > now_ms for update skip locked
    );
  update ${records}
    set written_ms = now_ms, expires_ms = expires_ms - written_ms + now_ms
    where key in (select key from ${records} where written_ms > now_ms for update skip locked);
  return '';
end
$fn$;

create or replace function ${fn('version')}() returns integer
language sql immutable as $fn$ select ${VERSION} $fn$;

perform pg_catalog.set_config('search_path', path_before, true);

end
$gatehouse_install$`
}
