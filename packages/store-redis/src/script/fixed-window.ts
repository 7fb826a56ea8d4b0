/**
 * The fixed window: what core's limiting/fixed-window.ts does.
 *
 * Kept of a key: `start used`.
 */
export const FIXED_WINDOW = /* lua */ `
local fixed = {}

function fixed.at(quota, kept)
  if kept == nil or #kept ~= 2 then return { start = now, used = 0 }, false end
  local start, used = kept[1], kept[2]
  if used == 0 or now >= start + quota.window then return { start = now, used = 0 }, false end
  -- A window that begins in the future (the clock went back) begins now (RL-06).
  return { start = min(start, now), used = min(used, quota.limit) }, start > now
end

function fixed.keep(_, spent)
  return { spent.start, spent.used }
end

function fixed.wait(quota, spent, cost)
  if cost > quota.limit then return NEVER end
  return spent.used + cost <= quota.limit and 0 or spent.start + quota.window - now
end

function fixed.left(quota, spent)
  return quota.limit - spent.used
end

function fixed.reset(quota, spent)
  return spent.used == 0 and 0 or spent.start + quota.window - now
end

function fixed.with(quota, spent, cost)
  return { start = spent.start, used = min(max(spent.used + cost, 0), quota.limit) }
end

-- Only to the window that it came out of.
function fixed.undo(quota, spent, cost, since)
  return spent.start <= since and fixed.with(quota, spent, -cost) or spent
end

function fixed.later(_, spent)
  return spent
end
`
