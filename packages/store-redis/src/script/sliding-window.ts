/**
 * The strict sliding window, in slices: what core's limiting/sliding-window.ts does.
 *
 * Kept of a key: `width newest spent...`, from the newest slice on, without the zeros at the end. In Lua the first of a
 * list has the index 1, so the slice of age 0 is \`spent[1]\`.
 */
export const SLIDING_WINDOW = /* lua */ `
local sliding = {}
local SLICES, COUNTED = 16, 17

local function used(spent)
  local sum = 0
  for age = 1, COUNTED do sum = sum + spent[age] end
  return sum
end

local function leaves(spent, age)
  return (spent.newest - age + COUNTED) * spent.width
end

local function empty(width)
  local spent = { width = width, newest = floor(now / width) }
  for age = 1, COUNTED do spent[age] = 0 end
  return spent
end

function sliding.at(quota, kept)
  local width = ceil(quota.window / SLICES)
  if kept == nil or #kept < 2 or #kept > COUNTED + 2 or kept[1] == 0 then return empty(width), false end
  local spent = empty(kept[1])
  local passed = spent.newest - kept[2]
  for index = 3, #kept do
    -- What was spent in slices of the future (the clock went back) was spent now (RL-06).
    local age = max(passed + index - 3, 0)
    if age < COUNTED then spent[age + 1] = spent[age + 1] + kept[index] end
  end
  if kept[1] == width then return spent, passed < 0 end
  -- Slices of another width: all that they hold was spent now.
  return sliding.with(quota, empty(width), used(spent)), passed < 0
end

function sliding.keep(_, spent)
  local kept, last = { spent.width, spent.newest }, COUNTED
  while last > 0 and spent[last] == 0 do last = last - 1 end
  for age = 1, last do kept[age + 2] = spent[age] end
  return kept
end

function sliding.wait(quota, spent, cost)
  if cost > quota.limit then return NEVER end
  local sum = used(spent)
  if sum + cost <= quota.limit then return 0 end
  for age = COUNTED - 1, 1, -1 do
    sum = sum - spent[age + 1]
    if sum + cost <= quota.limit then return leaves(spent, age) - now end
  end
  return leaves(spent, 0) - now
end

function sliding.left(quota, spent)
  return max(quota.limit - used(spent), 0)
end

function sliding.reset(_, spent)
  for age = 0, COUNTED - 1 do
    if spent[age + 1] > 0 then return leaves(spent, age) - now end
  end
  return 0
end

function sliding.with(quota, spent, cost)
  local next = { width = spent.width, newest = spent.newest }
  for age = 1, COUNTED do next[age] = spent[age] end
  if cost > 0 then
    next[1] = next[1] + min(cost, max(quota.limit - used(spent), 0))
    return next
  end
  -- What is given back comes off the oldest.
  local back = -cost
  for age = COUNTED, 1, -1 do
    local given = min(back, next[age])
    next[age] = next[age] - given
    back = back - given
  end
  return next
end

-- Only to the slice that it came out of.
function sliding.undo(quota, spent, cost, since)
  local age = max(spent.newest - floor(since / spent.width), 0)
  if age >= COUNTED then return spent end
  local next = sliding.with(quota, spent, 0)
  next[age + 1] = max(next[age + 1] - cost, 0)
  return next
end

function sliding.later(_, spent)
  return spent
end
`
