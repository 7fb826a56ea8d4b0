import { sha1 } from './hash.ts'
import { CALLS } from './script/calls.ts'
import { FIXED_WINDOW } from './script/fixed-window.ts'
import { GCRA } from './script/gcra.ts'
import { RECORDS } from './script/records.ts'
import { SLIDING_WINDOW } from './script/sliding-window.ts'

const HEAD = /* lua */ `
-- Gatehouse: @gatehouse/store-redis
local ceil, floor, fmod, max, min = math.ceil, math.floor, math.fmod, math.max, math.min
local find, format, gmatch, match, rep = string.find, string.format, string.gmatch, string.match, string.rep
local concat = table.concat

-- Whole milliseconds. Lua's numbers are those of JavaScript, so integers up to 2^53 are exact in both.
local now, slack = tonumber(ARGV[1]), tonumber(ARGV[2])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + floor(time[2] / 1000)
end

local NEVER = 9007199254740991

-- Writes integers: '%d' takes half as long, where it has 64 bits.
local WHOLE = format('%d', NEVER) == '9007199254740991' and '%d' or '%.0f'

-- Exact; and fmod where Lua's % has a rounded quotient to work with.
local function ceil_divide(a, b)
  local over = fmod(a, b)
  return (a - over) / b + (over == 0 and 0 or 1)
end
`

const TAIL = /* lua */ `
fetch()
while at < #words do CALLS[word()]() end
flush()
reply[1] = concat(told, ' ')
return reply
`

/** All that is ever asked of the server is this script: one round trip, atomic, by the clock of the server. */
export const SCRIPT: string = [HEAD, GCRA, FIXED_WINDOW, SLIDING_WINDOW, CALLS, RECORDS, TAIL].join('')

/** What the server knows the script by. */
export const SCRIPT_SHA1: string = sha1(SCRIPT)
