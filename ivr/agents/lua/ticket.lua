-- A ticket's way through lines, offers and people's hands, to its one end.

local function offers_of(t) return redis.call('SMEMBERS', P .. 'offers:' .. t.id) end

local function forget_offer(o)
  never('offer:' .. o.offer_id)
  redis.call('SREM', P .. 'offers:' .. o.ticket_id, o.offer_id)
  redis.call('DEL', P .. 'offer:' .. o.offer_id)
end

-- Take all open offers back. Take the ticket out of its lane first.
local function withdraw(t, reason)
  for _, offer_id in ipairs(offers_of(t)) do
    local o = load_offer(offer_id)
    forget_offer(o)
    tell('rescinded', {ticket = t, offer = o}, reason)
    free(load_agent(o.agent_id), 'release')
  end
end

-- The colleague who was asked goes back to what they were.
local function end_consult(t)
  local asked = t.consulted_id
  if not asked or asked == '' then return end
  put_ticket(t, {consulted_id = ''})
  free(load_agent(asked), 'release')
end

-- Wanted by the ticket, then by the queue; a message wants a page to be read on, and that never relaxes.
local function wanted(t)
  local words, seen = {}, {}
  local function add(word)
    if not seen[word] then words[#words + 1] = word end
    seen[word] = true
  end
  if t.kind == 'message' then add('@page') end
  for word in each(t.own_skills) do add(word) end
  for word in each(rules_of(t.queue).skills) do add(word) end
  return table.concat(words, SEPARATOR)
end

-- All but the last wanted skill; nil where none can go.
local function relaxed(t)
  local words = {}
  for word in each(t.skills) do words[#words + 1] = word end
  if #words == 0 or words[#words] == '@page' then return nil end
  words[#words] = nil
  return table.concat(words, SEPARATOR)
end

local function stand(t)
  local rules = rules_of(t.queue)
  put_ticket(t, {skills = wanted(t)})
  if t.kind ~= 'message' then redis.call('ZADD', line_of(t.queue), score_of(t), t.id) end
  redis.call('SADD', P .. 'queues', t.queue)
  lane_add(t)
  if rules.relax_ms > 0 and relaxed(t) then at(now + rules.relax_ms, 'relax:' .. t.id) end
  if rules.after_ms > 0 and t.kind == 'call' then at(now + rules.after_ms, 'over:' .. t.id) end
  match_ticket(t)
end

local function park(t)
  put_ticket(t, {skills = wanted(t)})
  redis.call('ZADD', P .. 'parked:' .. t.queue, score_of(t), t.id)
end

-- Room in a line: whoever found it full may stand now.
local function admit(queue)
  if redis.call('ZCARD', line_of(queue)) >= rules_of(queue).max_size then return end
  local ticket_id = redis.call('ZRANGE', P .. 'parked:' .. queue, 0, 0)[1]
  if not ticket_id then return end
  redis.call('ZREM', P .. 'parked:' .. queue, ticket_id)
  stand(load_ticket(ticket_id))
end

local function step_out(t)
  lane_remove(t)
  for _, timer in ipairs({'relax:', 'over:', 'retry:', 'dial:', 'giveup:', 'bridge:'}) do never(timer .. t.id) end
  redis.call('ZREM', P .. 'windows', t.id)
  redis.call('ZREM', P .. 'parked:' .. t.queue, t.id)
  if redis.call('ZREM', line_of(t.queue), t.id) == 1 then admit(t.queue) end
end

-- An offer failed; the ticket may be offered again, after a pause where the carrier is in trouble.
local function reopen(t, pause_ms)
  if t.state == 'offered' and #offers_of(t) == 0 then
    move_ticket(t, t.kind == 'message' and 'reopen_message' or 'reopen')
  end
  if t.state ~= 'waiting' and t.state ~= 'message' and t.state ~= 'offered' then return end
  if pause_ms > 0 then
    lane_remove(t)
    at(now + pause_ms, 'retry:' .. t.id)
    return
  end
  never('retry:' .. t.id)
  lane_add(t)
  match_ticket(t)
end

local function remember_place(t)
  if t.kind ~= 'call' or not string.match(t.caller, '^%+') and not string.match(t.caller, '^%a+:') then return end
  redis.call('SET', P .. 'kept:' .. t.caller, string.format('%.0f %.0f', t.joined_ms, now + KEPT_MS), 'PX', KEPT_MS)
end

-- The age a caller has by calling now; 0 for none.
local function kept_place(caller)
  local joined_ms, until_ms = string.match(redis.call('GET', P .. 'kept:' .. caller) or '', '^(%d+) (%d+)$')
  return joined_ms and tonumber(until_ms) > now and tonumber(joined_ms) or 0
end

local function count_callback(t)
  if not t.number then return end
  redis.call('HINCRBY', P .. 'funnel', 'open', -1)
  local became = t.was_bridged and 'bridged' or t.was_answered and 'answered'
    or t.dials and 'unanswered' or 'never_dialled'
  redis.call('HINCRBY', P .. 'funnel', became, 1)
  if redis.call('HGET', P .. 'numbers', t.number) == t.id then redis.call('HDEL', P .. 'numbers', t.number) end
end

-- The one end of every ticket.
local function finish(t, reason)
  local was, agent_id, leg = t.state, t.agent_id, t.leg
  if was == 'handback' then reason = 'handed_back' end
  step_out(t)
  move_ticket(t, 'end')
  if was == 'waiting' or was == 'offered' then
    tell('left', {ticket = t}, reason, {size = redis.call('ZCARD', line_of(t.queue))})
  end
  withdraw(t, 'caller_left')
  end_consult(t)
  tell('ended', {ticket = t}, reason, {was = was, leg = leg})
  count_callback(t)
  if redis.call('HGET', P .. 'calls', t.call_id) == t.id then redis.call('HDEL', P .. 'calls', t.call_id) end
  if t.offer_id then redis.call('DEL', P .. 'offer:' .. t.offer_id) end
  redis.call('HDEL', P .. 'tickets', t.id)
  redis.call('ZREM', P .. 'tasks', t.id)
  redis.call('DEL', P .. 'ticket:' .. t.id, P .. 'declined:' .. t.id, P .. 'offers:' .. t.id)
  if agent_id and agent_id ~= '' then
    local a = load_agent(agent_id)
    if was == 'briefing' and t.kind ~= 'message' then free(a, 'release') else conclude(a, t, 'end') end
  end
end

-- A ticket is out of its person's hands and waits again, before all others.
local function return_to_line(t)
  if t.offer_id then redis.call('DEL', P .. 'offer:' .. t.offer_id) end
  never('bridge:' .. t.id)
  move_ticket(t, t.kind == 'message' and 'reopen_message' or 'lose',
    {agent_id = '', offer_id = '', room = '', leg = '', agent_in = '', caller_in = '', front = '1'})
  stand(t)
end

local function note_departure(t, a, reason, target, fields)
  local noted = cjson.encode(
    {reason = reason, target = target, fields = fields, ticket_id = t.id, agent_name = a.name})
  redis.call('SET', P .. 'departure:' .. t.call_id, noted, 'EX', 86400)
  tell('departed', {ticket = t, agent = a}, reason, {target = target, fields = fields, leg = t.leg, room = t.room})
end

-- A callback's call has failed: its person is free, and it is tried again later, or kept a while and given up.
local function dial_again(t, reason)
  local dials = tonumber(t.dials)
  local gap_ms = DIAL_GAPS_MS[math.min(dials, #DIAL_GAPS_MS)]
  redis.call('HDEL', P .. 'calls', t.call_id)
  step_out(t)
  move_ticket(t, 'retry', {not_before_ms = now + gap_ms})
  withdraw(t, 'caller_left')
  if dials >= #DIAL_GAPS_MS then
    at(now + gap_ms, 'giveup:' .. t.id)
  else
    redis.call('ZADD', P .. 'windows', now + gap_ms, t.id)
  end
  tell('booked', {ticket = t}, reason, {dials = dials, not_before_ms = string.format('%.0f', now + gap_ms)})
end

-- Where a ticket stands, as `read.place` takes it. `overflow`, `why`: what joining has led to.
local function describe(t, overflow, why)
  local rank = redis.call('ZRANK', line_of(t.queue), t.id)
  local handling = redis.call('HMGET', P .. 'handling:' .. t.queue, 'mean_ms', 'count')
  return {rank and rank + 1 or 0, redis.call('ZCARD', line_of(t.queue)), now - t.joined_ms,
    redis.call('SCARD', P .. 'signed:' .. t.queue), t.queue, overflow or '', why or '',
    redis.call('SCARD', P .. 'serving:' .. t.queue), handling[1] or '0', handling[2] or '0'}
end

-- A ticket as it stands, as `read.held` takes it.
local function describe_held(ticket_id)
  local t = load_ticket(ticket_id)
  if not t then return false end
  local offers = {}
  for i, offer_id in ipairs(offers_of(t)) do offers[i] = redis.call('HGETALL', P .. 'offer:' .. offer_id) end
  return {redis.call('HGETALL', P .. 'ticket:' .. ticket_id), redis.call('HGET', P .. 'tickets', ticket_id),
    redis.call('SMEMBERS', P .. 'declined:' .. ticket_id), offers, now - t.joined_ms}
end

-- Why a queue cannot take one more caller, and what is due instead.
local function overflow_of(queue)
  local rules = rules_of(queue)
  if not rules.is_open then return 'closed', rules.when_closed ~= '' and rules.when_closed or rules.to end
  if rules.when_nobody ~= '' and redis.call('SCARD', P .. 'signed:' .. queue) == 0 then
    return 'nobody', rules.when_nobody
  end
  if redis.call('ZCARD', line_of(queue)) >= rules.max_size then
    return 'full', rules.when_full ~= '' and rules.when_full or rules.to
  end
end

local function create(ticket_id, call_id, queue, priority, joined_ms, caller, skills, kind, json)
  local last = redis.call('HMGET', P .. 'arrivals', 'ms', 'count')
  local arrival = tonumber(last[1] or 0) == now and math.min(last[2] + 1, 4095) or 0
  redis.call('HSET', P .. 'arrivals', 'ms', string.format('%.0f', now), 'count', arrival)
  joined_ms = joined_ms > 0 and math.min(joined_ms, now) or now
  local t = {state = 'bot', id = ticket_id}
  redis.call('HSET', P .. 'tickets', ticket_id, json)
  redis.call('HSET', P .. 'calls', call_id, ticket_id)
  move_ticket(t, 'join', {id = ticket_id, call_id = call_id, queue = queue, priority = priority, caller = caller,
    own_skills = skills, kind = kind, joined_ms = joined_ms, stamp = joined_ms + arrival / 4096, tries = 0,
    visited = queue, agent_id = '', skills = ''})
  return t
end
