-- A ticket as it stands, by its own id or its call's.
local ticket_id = ARG[1]
if ARG[2] == 'call' then ticket_id = redis.call('HGET', P .. 'calls', ARG[1]) or '' end
local t = load_ticket(ticket_id)
if not t then return false end
local offers = {}
for _, offer_id in ipairs(offers_of(t)) do offers[#offers + 1] = redis.call('HGETALL', P .. 'offer:' .. offer_id) end
return {redis.call('HGETALL', P .. 'ticket:' .. ticket_id), redis.call('HGET', P .. 'tickets', ticket_id),
  redis.call('SMEMBERS', P .. 'declined:' .. ticket_id), offers, now - t.joined_ms}
