/**
 * The fixed window: what core's limiting/fixed-window.ts does.
 *
 * Kept of a key: `finish used window`, the last being the one that it was counted with.
 */
export const FIXED_WINDOW = /* lua */ `
local fixed = {}

function fixed.at(quota, kept)
  local latest = now + quota.window
  if kept == nil or #kept ~= 3 or kept[2] == 0 or now >= kept[1] then return { finish = latest, used = 0 }, false end
  -- One that ends later than a window from now (the quota shrank, the clock went back) ends then (RL-06).
  return { finish = min(kept[1], latest), used = min(kept[2], quota.limit) }, kept[1] - now > kept[3]
end

function fixed.keep(quota, spent)
  return { spent.finish, spent.used, quota.window }
end

function fixed.wait(quota, spent, cost)
  if cost > quota.limit then return NEVER end
  return spent.used + cost <= quota.limit and 0 or spent.finish - now
end

function fixed.left(quota, spent)
  return quota.limit - spent.used
end

function fixed.reset(_, spent)
  return spent.used == 0 and 0 or spent.finish - now
end

function fixed.with(quota, spent, cost)
  return { finish = spent.finish, used = min(max(spent.used + cost, 0), quota.limit) }
end

-- Only to the window that it came out of.
function fixed.undo(quota, spent, cost, since)
  return spent.finish - quota.window <= since and fixed.with(quota, spent, -cost) or spent
end

function fixed.later(_, spent)
  return spent
end
`
