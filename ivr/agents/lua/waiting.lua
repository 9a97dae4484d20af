-- A part of one line, with place and score.
local queue, first, last = unpack(ARG)
local found = {}
local rows = redis.call('ZRANGE', line_of(queue), first, last, 'WITHSCORES')
for i = 1, #rows, 2 do
  local row = redis.call('HMGET', P .. 'ticket:' .. rows[i], 'call_id', 'queue', 'joined_ms', 'kind', 'state')
  found[#found + 1] =
    {row, redis.call('HGET', P .. 'tickets', rows[i]), first + (i + 1) / 2, now - row[3], rows[i + 1]}
end
return found
