/**
 * GCRA: what core's limiting/gcra.ts does, in the same integers.
 *
 * Spent of a key is how far its time is ahead, one number. Kept of it: `units tat early window`. The limit is whole again
 * `early / units` milliseconds before `tat`; the window is the one that it was counted with.
 */
export const GCRA = /* lua */ `
local gcra = {}

-- What is spent now, and whether the clock went back behind what was kept.
function gcra.at(quota, kept)
  if kept == nil or #kept ~= 4 or kept[3] >= kept[1] then return 0, false end
  local units, tat, early, window = kept[1], kept[2], kept[3], kept[4]
  local ms = tat - now
  if ms <= 0 then return 0, false end
  -- Further ahead than a window (the quota shrank, the clock went back): spent to the last unit, and no more (RL-06).
  if ms > quota.window then return quota.capacity, ms > window end
  -- The fraction is one of the units that it was counted with; without it, time is rounded up.
  return ms * quota.units - (units == quota.units and early or 0), false
end

function gcra.keep(quota, ahead)
  local over = fmod(ahead, quota.units)
  local early = over == 0 and 0 or quota.units - over
  return { quota.units, now + gcra.reset(quota, ahead), early, quota.window }
end

function gcra.wait(quota, ahead, cost)
  if cost > quota.limit then return NEVER end
  local excess = ahead + cost * quota.interval - quota.capacity
  return excess <= 0 and 0 or ceil_divide(excess, quota.units)
end

function gcra.left(quota, ahead)
  local left = quota.capacity - ahead
  return (left - fmod(left, quota.interval)) / quota.interval
end

function gcra.reset(quota, ahead)
  return ceil_divide(ahead, quota.units)
end

function gcra.with(quota, ahead, cost, within)
  if cost > 0 then return min(ahead + cost * quota.interval, quota.capacity) end
  local least = -min(within or quota.window, quota.window) * quota.units
  return min(max(ahead + max(cost * quota.interval, least), 0), quota.capacity)
end

-- What has come back since by itself cannot be given back once more.
function gcra.undo(quota, ahead, cost, since)
  local back = cost * quota.interval - max(now - since, 0) * quota.units
  return max(ahead - max(back, 0), 0)
end

-- As if all that follows were spent in so many milliseconds.
function gcra.later(quota, ahead, ms)
  return min(max(ahead, ms * quota.units), quota.capacity)
end
`
