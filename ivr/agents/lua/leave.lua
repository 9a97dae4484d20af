-- The caller leaves. What they booked or left as a message stays.
local ticket_id, reason, by = unpack(ARG)
local call_id = by == 'call' and ticket_id
if call_id then ticket_id = redis.call('HGET', P .. 'calls', call_id) or '' end
local t = load_ticket(ticket_id)
if not t or t.kind == 'message' then return 0 end
if t.state == 'callback_pending' then
  if call_id then
    redis.call('HDEL', P .. 'calls', call_id)
    if not t.dials then redis.call('ZADD', P .. 'windows', now, t.id) end
  end
  return 0
end
if t.state == 'callback_dialing' and reason == 'caller_hung_up' then
  dial_again(t, 'not_confirmed')
  return 1
end
if reason == 'caller_hung_up' and (t.state == 'waiting' or t.state == 'offered' or t.state == 'briefing') then
  remember_place(t)
end
finish(t, reason)
return 1
