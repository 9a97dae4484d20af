-- More time for notes, or their end. A note that comes when the time is over is kept all the same.
local agent_id, act, what, note = unpack(ARG)
local a = load_agent(agent_id)
if not a then return false end
if act == 'extend' then
  if a.state == 'wrapup' then
    put_agent(a, {until_ms = a.until_ms + what})
    at(tonumber(a.until_ms), 'wrap:' .. agent_id)
    tell('agent_state', {agent = a}, '', {state = a.state, was = a.state, pending = a.pending})
  end
  return seen(agent_id)
end
if a.last_ticket_id then
  tell('wrapped', {agent = a}, what,
    {note = note, ticket_id = a.last_ticket_id, call_id = a.last_call_id, queue = a.last_queue})
end
if a.state == 'wrapup' then finish_wrap_up(a) end
return seen(agent_id)
