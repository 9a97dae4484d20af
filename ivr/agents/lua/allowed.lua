-- How many people are ready for a queue.
local ready = 0
for _, profile in ipairs(redis.call('SMEMBERS', P .. 'benches:' .. ARG[1])) do
  ready = ready + redis.call('ZCARD', P .. 'bench:' .. ARG[1] .. ':' .. profile)
end
return ready
