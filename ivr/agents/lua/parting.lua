-- How an offer fails, and how a person and a caller part.

-- Before all others of its line from now on.
local function to_front(t)
  put_ticket(t, {front = '1'})
  redis.call('ZADD', line_of(t.queue), 'XX', score_of(t), t.id)
end

local MISSED = {no_answer = true, busy = true, voicemail = true, failed = true}

local function refuse(o, reason)
  local t, a = load_ticket(o.ticket_id), load_agent(o.agent_id)
  local pause_ms = 0
  lane_remove(t)
  forget_offer(o)
  if reason ~= 'rescinded' and reason ~= 'caller_left' then put_ticket(t, {tries = t.tries + 1}) end
  if reason == 'declined' then redis.call('SADD', P .. 'declined:' .. t.id, a.agent_id) end
  if reason == 'carrier' then pause_ms = math.min(5000, CARRIER_MS * t.tries) end
  if reason == 'agent_lost' then to_front(t) end
  tell('refused', {ticket = t, offer = o, agent = a}, reason, {tries = t.tries})
  if reason == 'agent_lost' then
    free(a, 'lose', reason)
  else
    free(a, MISSED[reason] and 'miss' or 'release', MISSED[reason] and reason or '')
  end
  reopen(t, pause_ms)
end

-- `event`: what befalls the person; without it, by the reason.
local function depart(t, reason, target, fields, event)
  local a = load_agent(t.agent_id)
  if t.state == 'briefing' and reason == 'hung_up' and t.kind ~= 'message' then reason = 'never_came' end
  end_consult(t)
  note_departure(t, a, reason, target, fields)
  if reason == 'hung_up' or (reason == 'handed_back' and t.kind == 'message') then
    finish(t, reason)
    return
  end
  if t.offer_id then redis.call('DEL', P .. 'offer:' .. t.offer_id) end
  if reason == 'handed_back' then
    never('bridge:' .. t.id)
    move_ticket(t, 'hand_back', {agent_id = '', offer_id = '', room = '', leg = '', agent_in = '', caller_in = ''})
    tell('handed_back', {ticket = t, agent = a}, target, {fields = fields})
    conclude(a, t, 'end')
    return
  end
  if event ~= 'lose' and reason == 'never_came' and t.agent_in ~= '1' then
    free(a, 'miss', reason)
  else
    conclude(a, t, event or 'end')
  end
  return_to_line(t)
end

-- A person's heartbeat is gone.
local function lose(a)
  local t = load_ticket(a.ticket_id or '')
  if a.state == 'reserved' or a.state == 'ringing' then
    refuse(load_offer(a.offer_id), 'agent_lost')
  elseif t and t.agent_id == a.agent_id then
    depart(t, 'lost', '', '{}', 'lose')
  else
    if t and t.consulted_id == a.agent_id then put_ticket(t, {consulted_id = ''}) end
    free(a, 'lose', '')
  end
end
