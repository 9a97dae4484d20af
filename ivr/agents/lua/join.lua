-- A ticket joins its queue, or keeps its place; a callback's caller has answered; a handed-back one asks again.
local ticket_id, call_id, queue, priority, joined_ms, caller, skills, kind, reason, json = unpack(ARG)
joined_ms = tonumber(joined_ms)

local t = load_ticket(ticket_id)
if t and t.state == 'callback_dialing' then
  redis.call('HDEL', P .. 'calls', t.call_id)
  redis.call('HSET', P .. 'calls', call_id, ticket_id)
  redis.call('HSET', P .. 'tickets', ticket_id, json)
  never('dial:' .. ticket_id)
  move_ticket(t, 'join', {call_id = call_id, was_answered = '1'})
  tell('joined', {ticket = t}, reason)
  local o = load_offer(offers_of(t)[1] or '')
  if not o then
    lane_add(t)
    match_ticket(t)
    return describe(t)
  end
  local a = load_agent(o.agent_id)
  local expires_ms = now + rules_of(t.queue).ring_ms
  put(P .. 'offer:' .. o.offer_id, o, {state = 'made', expires_ms = expires_ms})
  at(expires_ms, 'offer:' .. o.offer_id)
  put_agent(a, {until_ms = expires_ms})
  move_ticket(t, 'offer')
  tell('offered', {ticket = t, offer = o, agent = a}, '',
    {endpoint = a.endpoint, expires_ms = string.format('%.0f', expires_ms)})
  return describe(t)
end
if t and t.state == 'handback' then
  redis.call('HSET', P .. 'tickets', ticket_id, json)
  move_ticket(t, 'join')
  tell('joined', {ticket = t}, reason)
  stand(t)
  return describe(t)
end
if t then return describe(t) end

local older = load_ticket(redis.call('HGET', P .. 'calls', call_id) or '')
if older then
  if joined_ms == 0 then joined_ms = tonumber(older.joined_ms) end
  finish(older, 'replaced')
end
if joined_ms == 0 then joined_ms = kept_place(caller) end
redis.call('DEL', P .. 'kept:' .. caller)
local booked = load_ticket(redis.call('HGET', P .. 'numbers', caller) or '')
if booked and (booked.state == 'callback_pending' or booked.state == 'callback_dialing') then
  if joined_ms == 0 then joined_ms = tonumber(booked.joined_ms) end
  finish(booked, 'called_again')
end

t = create(ticket_id, call_id, queue, priority, joined_ms, caller, skills, kind, json)
local overflow, why = '', ''
local cannot, to = overflow_of(t.queue)
while cannot do
  why = cannot
  if to == 'callback' or to == 'message' or not RULES[to] or set_of(t.visited)[to] then
    overflow = to == 'message' and to or 'callback'
    break
  end
  overflow = 'queue'
  put_ticket(t, {queue = to, visited = t.visited .. SEPARATOR .. to})
  cannot, to = overflow_of(to)
end
tell('joined', {ticket = t}, reason, {overflow = overflow, why = why})
if why == 'full' and overflow ~= 'queue' then park(t) else stand(t) end
return describe(t, overflow, why)
