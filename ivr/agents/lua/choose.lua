-- A person chooses to be ready, on a break or gone; pending while they have an offer, a call or notes to write.
local agent_id, wish, reason = unpack(ARG)
local a = load_agent(agent_id)
if not a or (a.state == 'offline' and wish ~= 'offline') then return false end
local event = ({ready = 'ready', ['break'] = 'rest', offline = 'sign_out'})[wish]
local is_free = a.state == 'ready' or a.state == 'break' or a.state == 'rona' or a.state == 'lost'
if is_free and may_agent(a, event) then
  local was_lost = a.state == 'lost'
  move_agent(a, event, {reason = reason, pending = '', beat_ms = now})
  if a.state == 'offline' then forget_timers(a) elseif was_lost then watch(a) end
  match_agent(a)
elseif not is_free and a.state ~= 'offline' then
  put_agent(a, {pending = wish ~= 'ready' and wish or '', pending_reason = reason})
  tell('agent_state', {agent = a}, a.reason, {state = a.state, was = a.state, pending = a.pending})
  if wish == 'offline' and (a.state == 'reserved' or a.state == 'ringing') then
    refuse(load_offer(a.offer_id), 'declined')
  end
end
return seen(agent_id)
