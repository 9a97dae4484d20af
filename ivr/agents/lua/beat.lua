-- A person's page lives.
local state = redis.call('HGET', P .. 'agent:' .. ARG[1], 'state')
if not state or state == 'offline' or state == 'lost' then return 0 end
redis.call('HSET', P .. 'agent:' .. ARG[1], 'beat_ms', string.format('%.0f', now))
return 1
