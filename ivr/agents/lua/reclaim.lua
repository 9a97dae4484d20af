-- The age that a caller would have by calling now.
local joined_ms = kept_place(ARG[1])
if joined_ms > 0 then return joined_ms end
local t = load_ticket(redis.call('HGET', P .. 'numbers', ARG[1]) or '')
return t and tonumber(t.joined_ms) or 0
