/**
 * The calls of a batch, one after the other: what core's limiting/memory-store.ts does.
 *
 * `KEYS` are those of counters and blocks, and after them those of records. `ARGV` is the time (empty for the server's
 * own), what is added to each time to live, how many of the keys are of counters and blocks, the calls, and then the texts
 * that records are written with. The calls are words between spaces: a name and its numbers, of which one may be how many
 * members follow.
 *
 * The reply is all numbers that the calls tell, in one text that begins with the time, and then each record that was read.
 */
export const CALLS = /* lua */ `
local count = tonumber(ARGV[3])
local cells, quotas, told, reply = {}, {}, { format('%.0f', now) }, { '' }
local words, texts = gmatch(ARGV[4], '[^ ]+'), 4

local function number()
  return tonumber(words())
end

local function text()
  texts = texts + 1
  return ARGV[texts]
end

local function tell(numbers)
  told[#told + 1] = numbers
end

-- The numbers that are kept under a key; nothing for what this script did not write.
local function read(value)
  if not value or #value > 512 or not find(value, '^[%d ]+$') then return nil end
  local numbers = {}
  for digits in gmatch(value, '%d+') do
    local each = tonumber(digits)
    if each > NEVER then return nil end
    numbers[#numbers + 1] = each
  end
  return numbers
end

-- All counters and blocks that the calls are about, read at once. A key of another type reads as if it were not there,
-- and is written over.
local function fetch()
  for first = 1, count, 1000 do
    local last = min(first + 999, count)
    for index, value in ipairs(redis.call('MGET', unpack(KEYS, first, last))) do
      local key = first + index - 1
      cells[key] = { key = KEYS[key], value = value, kept = read(value), dirty = false }
    end
  end
end

local function write(cell, kept, ttl)
  cell.kept, cell.ttl, cell.dirty = kept, ttl, true
end

-- Each cell that changed, once, together with its time to live (RL-26).
local function flush()
  for _, cell in ipairs(cells) do
    if cell.dirty then
      if cell.kept ~= nil and cell.ttl > 0 then
        for index, each in ipairs(cell.kept) do cell.kept[index] = format('%.0f', each) end
        redis.call('SET', cell.key, concat(cell.kept, ' '), 'PX', format('%.0f', cell.ttl + slack))
      elseif cell.value then
        redis.call('DEL', cell.key)
      end
    end
  end
end

-- What is kept but would never go away, and what is none of ours, is put right when it is met (RL-26).
local function repair(cell, kept, ttl)
  if cell.seen or cell.dirty or not cell.value then return end
  cell.seen = true
  if cell.kept == nil or redis.call('PTTL', cell.key) < 0 then write(cell, cell.kept and kept, ttl) end
end

-- Milliseconds for which a key is blocked. Kept: when that ends, and for how long it was.
local function blocked(cell)
  local kept = cell.kept
  if kept == nil or #kept ~= 2 then
    return 0
  end
  local ms = kept[1] - now
  -- The clock went back: nobody is blocked for longer than was said (RL-06).
  if ms > kept[2] then
    ms = kept[2]
    write(cell, { now + ms, ms }, ms)
  end
  return max(ms, 0)
end

local ALGORITHMS = { g = gcra, f = fixed, s = sliding }

-- The members of a call on counters: which counter, its block, its quota, and so many fields of their own.
local function claims(fields)
  local list = {}
  for index = 1, number() do
    local claim = { cell = cells[number()], block = cells[number()], quota = quotas[number()] }
    claim.algorithm = claim.quota.algorithm
    for field = 1, fields do claim[field] = number() end
    list[index] = claim
  end
  return list
end

local function look(claim)
  claim.spent, claim.back = claim.algorithm.at(claim.quota, claim.cell.kept)
end

local function save(claim, spent)
  local algorithm, quota = claim.algorithm, claim.quota
  write(claim.cell, algorithm.keep(quota, spent), algorithm.reset(quota, spent))
end

-- What was decided: 0 remaining resetMs retryAfterMs (refused), 1 remaining resetMs (allowed), 2 0 resetMs retryAfterMs
-- (blocked), 3 remaining resetMs granted (allowed, and more was taken ahead).
local function outcome(claim, spent, wait, ms, granted)
  local left, reset = claim.algorithm.left(claim.quota, spent), claim.algorithm.reset(claim.quota, spent)
  if ms > 0 then tell(format('2 0 %.0f %.0f', max(reset, ms), max(wait, ms)))
  elseif wait > 0 then tell(format('0 %.0f %.0f %.0f', left, reset, wait))
  elseif granted > 0 then tell(format('3 %.0f %.0f %.0f', left, reset, granted))
  else tell(format('1 %.0f %.0f', left, reset)) end
end

-- Charges, all or nothing. Each: cost; and for a lease more that is taken ahead when there is room, and for how long that
-- is held.
local function decide(fields, taking)
  local list, sums, allowed = claims(fields), {}, true
  for _, claim in ipairs(list) do
    look(claim)
    -- A charge is looked at together with those before it on its counter.
    sums[claim.cell] = (sums[claim.cell] or 0) + claim[1]
    claim.wait = claim.algorithm.wait(claim.quota, claim.spent, sums[claim.cell])
    claim.blocked = blocked(claim.block)
    allowed = allowed and claim.wait == 0 and claim.blocked == 0
  end
  for _, claim in ipairs(list) do
    local spent, granted = claim.spent, 0
    if allowed and taking then
      spent = claim.algorithm.with(claim.quota, spent, sums[claim.cell])
      if fields == 3 and claim[2] > 0 then
        local later = claim.algorithm.later(claim.quota, spent, claim[3])
        granted = min(claim[2], claim.algorithm.left(claim.quota, later))
        if granted > 0 then spent = claim.algorithm.with(claim.quota, later, granted) end
      end
      save(claim, spent)
      outcome(claim, spent, 0, 0, granted)
    else
      if taking then
        -- A clock that went back is caught up with, or the wait that is told would begin anew with each refusal.
        if claim.back then save(claim, spent) end
        repair(claim.cell, claim.cell.kept, claim.algorithm.reset(claim.quota, spent))
        repair(claim.block, claim.block.kept, claim.blocked)
      end
      outcome(claim, spent, claim.wait, claim.blocked, 0)
    end
  end
end

-- Changes, each for itself: what becomes of a counter is said by 'change'.
local function change(fields, changed)
  for _, claim in ipairs(claims(fields)) do
    look(claim)
    local spent = changed(claim)
    save(claim, spent)
    outcome(claim, spent, claim.algorithm.wait(claim.quota, spent, 1), blocked(claim.block), 0)
  end
end

local CALLS = {}

-- A quota that calls have: they name it by its number.
function CALLS.quota()
  local quota = { algorithm = ALGORITHMS[words()], limit = number(), window = number(), units = number() }
  quota.capacity = quota.window * quota.units
  quota.interval = quota.capacity / quota.limit
  quotas[#quotas + 1] = quota
end

function CALLS.take() decide(1, true) end
function CALLS.lease() decide(3, true) end
function CALLS.peek() decide(1, false) end

-- Each: units, and how many milliseconds what is given back is worth at most; less than nothing where that was not said.
function CALLS.adjust()
  change(2, function(claim)
    local units, within = claim[1], claim[2]
    if units < 0 and within == 0 then return claim.spent end
    return claim.algorithm.with(claim.quota, claim.spent, units, within >= 0 and within or nil)
  end)
end

-- Gives back what was taken at a time.
function CALLS.undo()
  change(2, function(claim) return claim.algorithm.undo(claim.quota, claim.spent, claim[1], claim[2]) end)
end

function CALLS.block()
  local ms = number()
  for _ = 1, number() do write(cells[number()], { now + ms, ms }, ms) end
end

function CALLS.reset()
  for _ = 1, number() do
    local cell = cells[number()]
    -- Gone whatever it is: one of another type has no value here.
    cell.value = cell.value or ''
    write(cell, nil, 0)
  end
end
`
