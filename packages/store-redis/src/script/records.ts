/** Records: texts under keys of their own, that the server itself forgets in time. */
export const RECORDS = /* lua */ `
function CALLS.add()
  local key, value, ttl = KEYS[number()], text(), text()
  if redis.call('SET', key, value, 'PX', ttl, 'NX') then return '1' end
  -- One that would never go away is put right (RL-26).
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ttl) end
  return '0'
end

function CALLS.write()
  local key, value, ttl = KEYS[number()], text(), text()
  redis.call('SET', key, value, 'PX', ttl)
  return ''
end

function CALLS.remove()
  return format('%d', redis.call('DEL', KEYS[number()]))
end

-- One reply for each key; the last of them is that of the call.
function CALLS.read()
  local keys = {}
  for index = 1, number() do keys[index] = KEYS[number()] end
  local values = redis.call('MGET', unpack(keys))
  for index = 1, #values - 1 do reply[#reply + 1] = values[index] end
  return values[#values]
end
`
