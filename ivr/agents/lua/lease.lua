-- A duty held by one process at a time.
local key, owner, ttl_ms = P .. 'lease:' .. ARG[1], ARG[2], ARG[3]
local holder = redis.call('GET', key)
if holder and holder ~= owner then return 0 end
redis.call('SET', key, owner, 'PX', ttl_ms)
return 1
