-- One side is in the room; with both there they talk.
local t = load_ticket(ARG[1])
local is_theirs = t and (t.state == 'briefing' or t.state == 'bridged' or t.state == 'held')
if not is_theirs or t.kind == 'message' then return 0 end
local flag = ARG[2] .. '_in'
if t[flag] == '1' then return 1 end
put_ticket(t, {[flag] = '1'})
if ARG[2] == 'agent' then tell('briefed', {ticket = t}, '', {leg = t.leg}) end
if t.agent_in == '1' and t.caller_in == '1' and t.state == 'briefing' then
  never('bridge:' .. t.id)
  move_ticket(t, 'bridge', {was_bridged = '1'})
  put_agent(load_agent(t.agent_id), {talk_since = now})
  tell('bridged', {ticket = t}, '', {room = t.room, leg = t.leg})
end
return 1
