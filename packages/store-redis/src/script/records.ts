/** Records: texts under keys of their own, that the server itself forgets in time. */
export const RECORDS = /* lua */ `
local function record()
  return KEYS[count + word()]
end

-- Whether it was not there before.
function CALLS.add()
  local key, ttl, value = record(), format(WHOLE, word()), text()
  local isNew = redis.call('SET', key, value, 'PX', ttl, 'NX')
  -- One that would never go away is put right (RL-26).
  if not isNew and redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ttl) end
  tell(isNew and '1' or '0')
end

function CALLS.write()
  local key, ttl, value = record(), format(WHOLE, word()), text()
  redis.call('SET', key, value, 'PX', ttl)
end

-- Whether it was there.
function CALLS.remove()
  tell(redis.call('DEL', record()))
end

-- One text for each key.
function CALLS.read()
  local keys = {}
  for index = 1, word() do keys[index] = record() end
  for _, value in ipairs(redis.call('MGET', unpack(keys))) do reply[#reply + 1] = value end
end
`
