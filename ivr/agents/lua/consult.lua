-- A colleague is asked about a call, or is asked no longer.
local t = load_ticket(ARG[1])
if not t or not (t.state == 'bridged' or t.state == 'held') then return 0 end
if ARG[2] == '' then
  if not t.consulted_id or t.consulted_id == '' then return 0 end
  end_consult(t)
  return 1
end
if t.consulted_id == ARG[2] then return 1 end
local b = load_agent(ARG[2])
if not b or not may_agent(b, 'take') or (t.consulted_id or '') ~= '' then return 0 end
local changes = {ticket_id = t.id, room = t.room, consulted_by = t.agent_id, talk_since = ''}
if b.state == 'break' then changes.pending, changes.pending_reason = 'break', b.reason end
put_ticket(t, {consulted_id = b.agent_id})
move_agent(b, 'take', changes)
return 1
