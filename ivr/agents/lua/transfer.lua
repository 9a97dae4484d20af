-- A ticket goes from one person to another, who was asked before or is free.
local t = load_ticket(ARG[1])
if not t or not (t.state == 'bridged' or t.state == 'held') then return 0 end
if t.agent_id == ARG[2] then return 1 end
local a, b = load_agent(t.agent_id), load_agent(ARG[2])
local is_asked = b and b.state == 'talking' and t.consulted_id == b.agent_id
if not b or not (is_asked or may_agent(b, 'take')) then return 0 end
if not is_asked then end_consult(t) end
if t.state == 'held' then
  move_ticket(t, 'unhold')
  move_agent(a, 'unhold')
end
local taken = {ticket_id = t.id, room = t.room, consulted_by = '', talk_since = now, begun_ms = now, reason = ''}
redis.call('DEL', P .. 'offer:' .. t.offer_id)
put_ticket(t, {agent_id = b.agent_id, offer_id = '', leg = ARG[3], consulted_id = ''})
if is_asked then put_agent(b, taken) else move_agent(b, 'take', taken) end
tell('transferred', {ticket = t, agent = b}, '', {from = a.agent_id})
conclude(a, t, 'end')
return 1
