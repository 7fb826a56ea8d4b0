/**
 * The calls of a batch, one after the other: what core's limiting/memory-store.ts does.
 *
 * `KEYS` are those of counters and blocks, and after them those of records. `ARGV` is the time (empty for the server's
 * own), what is added to each time to live, how many of the keys are of counters and blocks, the calls, and then the texts
 * that records are written with. The calls are one list in JSON, which one call of Lua reads: names, each with its numbers
 * after it, of which one may be how many members follow.
 *
 * The reply is all numbers that the calls tell, in one text that begins with the time, and then each record that was read.
 *
 * The server does nothing else meanwhile, and all processes of an application share it. So what most calls do not need is not
 * made for them: a cell of a block that is not there, a text of a counter before all that is charged to it is known, the lists of
 * `decide` for one charge that is allowed, of a key that nobody has blocked (`takeOne`: a seventh less of the server's time).
 *
 * What is kept of a key has four numbers, most of the time, and `read` takes them at once, in half the time. Comments in the
 * script are sent and kept with it.
 */
export const CALLS = /* lua */ `
local count = tonumber(ARGV[3])
local values, cells, dirty, quotas, told, reply = {}, {}, {}, {}, { format(WHOLE, now) }, { '' }
local words, at, texts = cjson.decode(ARGV[4]), 0, 4

local function word()
  at = at + 1
  return words[at]
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
  if not value or #value > 512 then return nil end
  local a, b, c, d = match(value, '^(%d+) (%d+) (%d+) (%d+)$')
  if a then
    a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
    return max(a, b, c, d) <= NEVER and { a, b, c, d } or nil
  end
  if not find(value, '^%d[%d ]*$') then return nil end
  local numbers = {}
  for digits in gmatch(value, '%d+') do
    local each = tonumber(digits)
    if each > NEVER then return nil end
    numbers[#numbers + 1] = each
  end
  return numbers
end

-- A key of another type reads as if it were not there, and is written over.
local function fetch()
  for first = 1, count, 1000 do
    local last = min(first + 999, count)
    for index, value in ipairs(redis.call('MGET', unpack(KEYS, first, last))) do values[first + index - 1] = value end
  end
end

local function cell(index)
  local found = cells[index]
  if found == nil then
    local value = values[index]
    found = { key = KEYS[index], value = value, kept = read(value), dirty = false, quota = false, ttl = 0 }
    cells[index] = found
  end
  return found
end

-- The same of what is looked at only: nothing where there is nothing.
local function present(index)
  return cells[index] or values[index] and cell(index) or nil
end

local function change(cell)
  if cell.dirty then return end
  cell.dirty = true
  dirty[#dirty + 1] = cell
end

local function write(cell, kept, ttl)
  cell.kept, cell.ttl, cell.spent = kept, ttl, nil
  change(cell)
end

-- What is spent of a counter, by a quota: 'settle' brings it into the form in which it is kept.
local function save(cell, quota, spent)
  cell.quota, cell.spent = quota, spent
  change(cell)
end

-- That form, where it was not brought into it yet.
local function settle(cell)
  local quota, spent = cell.quota, cell.spent
  if spent == nil then return end
  local algorithm = quota.algorithm
  cell.kept, cell.ttl, cell.spent = algorithm.keep(quota, spent), algorithm.reset(quota, spent), nil
end

local FORMATS = {}

local function textOf(kept)
  local length = #kept
  local form = FORMATS[length]
  if form == nil then
    form = WHOLE .. rep(' ' .. WHOLE, length - 1)
    FORMATS[length] = form
  end
  return format(form, unpack(kept))
end

-- Each cell that changed, once, together with its time to live (RL-26).
local function flush()
  for _, cell in ipairs(dirty) do
    settle(cell)
    if cell.kept ~= nil and cell.ttl > 0 then
      redis.call('SET', cell.key, textOf(cell.kept), 'PX', format(WHOLE, cell.ttl + slack))
    elseif cell.value then
      redis.call('DEL', cell.key)
    end
  end
end

-- What is kept but would never go away, and what is none of ours, is put right when it is met (RL-26).
local function repair(cell, ttl)
  if cell == nil or cell.seen or cell.dirty or not cell.value then return end
  cell.seen = true
  if cell.kept == nil or redis.call('PTTL', cell.key) < 0 then write(cell, cell.kept, ttl) end
end

-- Milliseconds for which a key is blocked. Kept: when that ends, and for how long it was.
local function blocked(cell)
  local kept = cell and cell.kept
  if kept == nil or #kept ~= 2 then return 0 end
  local ms = kept[1] - now
  -- The clock went back: nobody is blocked for longer than was said (RL-06).
  if ms > kept[2] then
    ms = kept[2]
    write(cell, { now + ms, ms }, ms)
  end
  return max(ms, 0)
end

local ALGORITHMS = { g = gcra, f = fixed, s = sliding }

-- The members of a call on counters: which counter, its block, its quota, and so many numbers of their own.
local function claims(fields)
  local list = {}
  for index = 1, word() do
    local claim = { cell = cell(word()), block = present(word()), quota = quotas[word()], units = word() }
    claim.algorithm = claim.quota.algorithm
    if fields > 1 then claim.second = word() end
    if fields > 2 then claim.third = word() end
    list[index] = claim
  end
  return list
end

-- What is spent of a counter by a quota, and whether the clock went back behind what was kept.
local function spentOf(cell, quota)
  if cell.spent ~= nil and cell.quota == quota then return cell.spent, false end
  settle(cell)
  return quota.algorithm.at(quota, cell.kept)
end

local TWO = WHOLE .. ' ' .. WHOLE
local BLOCKED, REFUSED, GRANTED, ALLOWED = '2 0 ' .. TWO, '0 ' .. TWO .. ' ' .. WHOLE, '3 ' .. TWO .. ' ' .. WHOLE, '1 ' .. TWO

-- What was decided: 0 remaining resetMs retryAfterMs (refused), 1 remaining resetMs (allowed), 2 0 resetMs retryAfterMs
-- (blocked), 3 remaining resetMs granted (allowed, and more was taken ahead).
local function outcome(claim, spent, wait, ms, granted)
  local left, reset = claim.algorithm.left(claim.quota, spent), claim.algorithm.reset(claim.quota, spent)
  if ms > 0 then tell(format(BLOCKED, max(reset, ms), max(wait, ms)))
  elseif wait > 0 then tell(format(REFUSED, left, reset, wait))
  elseif granted > 0 then tell(format(GRANTED, left, reset, granted))
  else tell(format(ALLOWED, left, reset)) end
end

-- Charges, all or nothing. Each: cost; and for a lease more that is taken ahead when there is room, and for how long that
-- is held.
local function decide(fields, taking)
  local list, allowed = claims(fields), true
  -- A charge is looked at together with those before it on its counter.
  local sums = #list > 1 and {} or nil
  for _, claim in ipairs(list) do
    claim.spent, claim.back = spentOf(claim.cell, claim.quota)
    local sum = claim.units
    if sums then
      sum = sum + (sums[claim.cell] or 0)
      sums[claim.cell] = sum
    end
    claim.wait = claim.algorithm.wait(claim.quota, claim.spent, sum)
    claim.blocked = blocked(claim.block)
    allowed = allowed and claim.wait == 0 and claim.blocked == 0
  end
  for _, claim in ipairs(list) do
    local spent, granted = claim.spent, 0
    if allowed and taking then
      spent = claim.algorithm.with(claim.quota, spent, sums and sums[claim.cell] or claim.units)
      if fields == 3 and claim.second > 0 then
        local later = claim.algorithm.later(claim.quota, spent, claim.third)
        granted = min(claim.second, claim.algorithm.left(claim.quota, later))
        if granted > 0 then spent = claim.algorithm.with(claim.quota, later, granted) end
      end
      save(claim.cell, claim.quota, spent)
      outcome(claim, spent, 0, 0, granted)
    else
      if taking then
        -- A clock that went back is caught up with, or the wait that is told would begin anew with each refusal.
        if claim.back then save(claim.cell, claim.quota, spent) end
        repair(claim.cell, claim.algorithm.reset(claim.quota, spent))
        repair(claim.block, claim.blocked)
      end
      outcome(claim, spent, claim.wait, claim.blocked, 0)
    end
  end
end

-- Whether it was one that 'decide' need not be asked for.
local function takeOne()
  if words[at + 1] ~= 1 or present(words[at + 3]) then return false end
  local counter, quota, cost = cell(words[at + 2]), quotas[words[at + 4]], words[at + 5]
  local algorithm, spent = quota.algorithm, spentOf(counter, quota)
  if algorithm.wait(quota, spent, cost) > 0 then return false end
  at = at + 5
  spent = algorithm.with(quota, spent, cost)
  save(counter, quota, spent)
  tell(format(ALLOWED, algorithm.left(quota, spent), algorithm.reset(quota, spent)))
  return true
end

-- Changes, each for itself: what becomes of a counter is said by 'changed'.
local function adapt(fields, changed)
  for _, claim in ipairs(claims(fields)) do
    claim.spent = spentOf(claim.cell, claim.quota)
    local spent = changed(claim)
    save(claim.cell, claim.quota, spent)
    -- What is given back whole is kept as nothing, and another window begins.
    settle(claim.cell)
    outcome(claim, spent, claim.algorithm.wait(claim.quota, spent, 1), blocked(claim.block), 0)
  end
end

local CALLS = {}

-- A quota that calls have: they name it by its number.
function CALLS.quota()
  local quota = { algorithm = ALGORITHMS[word()], limit = word(), window = word(), units = word() }
  quota.capacity = quota.window * quota.units
  quota.interval = quota.capacity / quota.limit
  quotas[#quotas + 1] = quota
end

function CALLS.take() return takeOne() or decide(1, true) end
function CALLS.lease() decide(3, true) end
function CALLS.peek() decide(1, false) end

-- Each: units, and how many milliseconds what is given back is worth at most; less than nothing where that was not said.
function CALLS.adjust()
  adapt(2, function(claim)
    local units, within = claim.units, claim.second
    if units < 0 and within == 0 then return claim.spent end
    return claim.algorithm.with(claim.quota, claim.spent, units, within >= 0 and within or nil)
  end)
end

-- Gives back what was taken at a time.
function CALLS.undo()
  adapt(2, function(claim) return claim.algorithm.undo(claim.quota, claim.spent, claim.units, claim.second) end)
end

function CALLS.block()
  local ms = word()
  for _ = 1, word() do write(cell(word()), { now + ms, ms }, ms) end
end

function CALLS.reset()
  for _ = 1, word() do
    local gone = cell(word())
    -- Gone whatever it is: one of another type has no value here.
    gone.value = gone.value or ''
    write(gone, nil, 0)
  end
end
`
