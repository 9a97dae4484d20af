-- Everybody in one line, or in all, with place and score.
local queues = ARG[1] ~= '' and {ARG[1]} or redis.call('SMEMBERS', P .. 'queues')
local found = {}
for _, queue in ipairs(queues) do
  local rows = redis.call('ZRANGE', line_of(queue), 0, -1, 'WITHSCORES')
  for i = 1, #rows, 2 do
    local key = P .. 'ticket:' .. rows[i]
    found[#found + 1] = {redis.call('HGETALL', key), (i + 1) / 2,
      now - redis.call('HGET', key, 'joined_ms'), rows[i + 1], redis.call('HGET', P .. 'tickets', rows[i])}
  end
end
return found
