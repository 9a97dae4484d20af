-- What became of all callbacks.
local counts = redis.call('HMGET', P .. 'funnel', 'bridged', 'answered', 'unanswered', 'never_dialled', 'open')
for i = 1, 5 do counts[i] = tonumber(counts[i] or 0) end
return counts
