-- How a callback's call goes: taken by the carrier, picked up, or failed.
local ticket_id, what, detail = unpack(ARG)
local t = load_ticket(ticket_id)
if not t or t.state ~= 'callback_dialing' then return 0 end
if what == 'dialed' then
  if redis.call('HGET', P .. 'calls', t.call_id) == ticket_id then redis.call('HDEL', P .. 'calls', t.call_id) end
  redis.call('HSET', P .. 'calls', detail, ticket_id)
  put_ticket(t, {call_id = detail})
elseif what == 'answered' then
  put_ticket(t, {was_answered = '1'})
else
  dial_again(t, detail)
end
return 1
