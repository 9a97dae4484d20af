-- A person's phone rings.
local o = load_offer(ARG[1])
if not o then return 0 end
put(P .. 'offer:' .. ARG[1], o, {leg = ARG[2]})
local t, a = load_ticket(o.ticket_id), load_agent(o.agent_id)
if o.state == 'accepted' then
  put_ticket(t, {leg = ARG[2]})
elseif may_agent(a, 'ring') then
  move_agent(a, 'ring', {until_ms = a.until_ms})
  tell('ringing', {ticket = t, offer = o, agent = a})
end
return 1
