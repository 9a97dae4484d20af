-- Lanes of tickets and benches of people, and how an offer comes about.
-- A lane holds the tickets of one queue that want one set of skills and may be offered to one more person, by
-- score; a bench holds the people ready for one queue who have one set of skills, who is next first.

local function lane_of(t) return P .. 'lane:' .. t.queue .. ':' .. sorted(t.skills) end
local function line_of(queue) return P .. 'line:' .. queue end
local function score_of(t)
  local score = t.stamp - t.priority * PRIORITY_MS
  if t.front == '1' then score = score - FRONT_MS end
  if t.kind == 'message' then score = score + MESSAGE_MS end
  return score
end

local function lane_add(t)
  redis.call('ZADD', lane_of(t), score_of(t), t.id)
  redis.call('SADD', P .. 'lanes:' .. t.queue, sorted(t.skills))
end

local function lane_remove(t)
  local lane = lane_of(t)
  redis.call('ZREM', lane, t.id)
  if redis.call('EXISTS', lane) == 0 then redis.call('SREM', P .. 'lanes:' .. t.queue, sorted(t.skills)) end
end

local function is_open_for_offers(t) return redis.call('ZSCORE', lane_of(t), t.id) end

-- Who is rung first: the lowest score. Those equal by calls or talk: who has been idle longest. At random: an
-- exponential time from the score last rung; as those forget how long they have run, all are as likely each time.
local function bench_score(a, queue)
  local strategy = rules_of(queue).strategy
  if strategy == 'fewest_calls' then return a.calls * 2e12 + a.idle_ms end
  if strategy == 'least_talk' then return math.floor(a.talk_ms / 1000) * 2e12 + a.idle_ms end
  if strategy == 'round_robin' then return tonumber(a.rung) end
  if strategy == 'linear' then return tonumber(a.position) end
  if strategy == 'random' then
    local drawn = redis.sha1hex(a.agent_id .. now .. redis.call('INCR', P .. 'drawn'))
    local luck = (tonumber(string.sub(drawn, 1, 8), 16) + 1) / 2 ^ 32
    return (redis.call('GET', P .. 'luck:' .. queue) or 0) - math.log(luck)
  end
  return tonumber(a.idle_ms)
end

local function bench_of(a, queue) return P .. 'bench:' .. queue .. ':' .. sorted(a.profile) end

local function bench_add(a)
  for queue in each(a.queues) do
    redis.call('ZADD', bench_of(a, queue), bench_score(a, queue), a.agent_id)
    redis.call('SADD', P .. 'benches:' .. queue, sorted(a.profile))
  end
end

local function bench_remove(a)
  for queue in each(a.queues) do
    local bench = bench_of(a, queue)
    redis.call('ZREM', bench, a.agent_id)
    if redis.call('EXISTS', bench) == 0 then redis.call('SREM', P .. 'benches:' .. queue, sorted(a.profile)) end
  end
end

-- Who is signed in for a queue, and who of them serves it: not on a break and not in rona.
local function enlist(a)
  local is_here = a.state ~= 'offline' and a.state ~= 'lost'
  local is_serving = is_here and a.state ~= 'break' and a.state ~= 'rona'
  for queue in each(a.queues) do
    redis.call(is_here and 'SADD' or 'SREM', P .. 'signed:' .. queue, a.agent_id)
    redis.call(is_serving and 'SADD' or 'SREM', P .. 'serving:' .. queue, a.agent_id)
    if redis.call('SCARD', P .. 'signed:' .. queue) == 0 then at(now, 'nobody:' .. queue) end
  end
end

-- Everything that changes a person's state goes through here. The bench holds exactly those who are ready.
local function move_agent(a, event, changes)
  local state = may_agent(a, event)
  if not state then error('agent ' .. a.agent_id .. ' cannot ' .. event .. ' while ' .. a.state) end
  changes = changes or {}
  local was = a.state
  if was == 'ready' then bench_remove(a) end
  changes.state = state
  changes.since_ms = now
  changes.until_ms = changes.until_ms or ''
  if state == 'ready' and event ~= 'release' then changes.idle_ms = now end
  put_agent(a, changes)
  if state == 'ready' then bench_add(a) end
  enlist(a)
  tell('agent_state', {agent = a}, a.reason, {state = state, was = was, pending = a.pending})
end

-- The first in a ZSET, in its order, that may be matched; looks further only past those who may not.
local function first_of(key, may)
  local start = 0
  while true do
    local rows = redis.call('ZRANGE', key, start, start + 7, 'WITHSCORES')
    for i = 1, #rows, 2 do
      if may(rows[i]) then return rows[i], tonumber(rows[i + 1]) end
    end
    if #rows < 16 then return nil end
    start = start + 8
  end
end

local function has_declined(ticket_id, agent_id)
  return redis.call('SISMEMBER', P .. 'declined:' .. ticket_id, agent_id) == 1
end

local function best(keys, may)
  local found, score
  for _, key in ipairs(keys) do
    local one, its = first_of(key, may)
    if one and (not found or its < score or (its == score and one < found)) then found, score = one, its end
  end
  return found
end

local function best_agent(t)
  local benches = {}
  for _, profile in ipairs(redis.call('SMEMBERS', P .. 'benches:' .. t.queue)) do
    if has_all(profile, t.skills) then benches[#benches + 1] = P .. 'bench:' .. t.queue .. ':' .. profile end
  end
  return best(benches, function(agent_id) return not has_declined(t.id, agent_id) end)
end

local function best_ticket(a)
  local lanes = {}
  for queue in each(a.queues) do
    for _, skills in ipairs(redis.call('SMEMBERS', P .. 'lanes:' .. queue)) do
      if has_all(a.profile, skills) then lanes[#lanes + 1] = P .. 'lane:' .. queue .. ':' .. skills end
    end
  end
  return best(lanes, function(ticket_id) return not has_declined(ticket_id, a.agent_id) end)
end

-- Offer a ticket to somebody ready. For a callback they are reserved while its caller is called.
local function offer(t, a)
  local rung = redis.call('INCR', P .. 'rung')
  local rules = rules_of(t.queue)
  local is_dial = t.state == 'callback_pending'
  local lasts_ms = is_dial and DIAL_MS or rules.ring_ms
  local id = string.sub(redis.sha1hex(t.id .. now .. '-' .. rung), 1, 20)
  local o = {}
  put(P .. 'offer:' .. id, o, {offer_id = id, ticket_id = t.id, agent_id = a.agent_id, kind = t.kind, made_ms = now,
    expires_ms = now + lasts_ms, room = 'ivr-' .. id, state = is_dial and 'dialing' or 'made'})
  redis.call('SADD', P .. 'offers:' .. t.id, id)
  if is_dial then
    move_ticket(t, 'dial', {dials = (t.dials or 0) + 1})
    at(now + DIAL_MS, 'dial:' .. t.id)
  else
    at(now + lasts_ms, 'offer:' .. id)
    if t.state ~= 'offered' then move_ticket(t, 'offer') else put_ticket(t, {}) end
  end
  local at_once = (is_dial or t.kind == 'message') and 1 or rules.at_once
  if redis.call('SCARD', P .. 'offers:' .. t.id) >= at_once then lane_remove(t) end
  if rules.strategy == 'random' then
    redis.call('SET', P .. 'luck:' .. t.queue, redis.call('ZSCORE', bench_of(a, t.queue), a.agent_id))
  end
  move_agent(a, 'reserve', {offer_id = id, ticket_id = t.id, rung = rung, until_ms = now + lasts_ms})
  tell(is_dial and 'dialing' or 'offered', {ticket = t, offer = o, agent = a}, '',
    {endpoint = a.endpoint, expires_ms = string.format('%.0f', now + lasts_ms), number = t.number})
end

-- Find people for a ticket, as many as may be rung at once.
local function match_ticket(t)
  while is_open_for_offers(t) do
    local agent_id = best_agent(t)
    if not agent_id then return end
    offer(t, load_agent(agent_id))
  end
end

-- Find a ticket for somebody ready: the one that has waited longest across all their queues, by score.
local function match_agent(a)
  if a.state ~= 'ready' then return end
  local ticket_id = best_ticket(a)
  if ticket_id then offer(load_ticket(ticket_id), a) end
end
