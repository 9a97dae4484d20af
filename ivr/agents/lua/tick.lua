-- What time has made due, at most ARG[1] things.
local function overflow(t, to, why)
  if t.state == 'offered' then return at(now + 1000, 'over:' .. t.id) end
  if t.state ~= 'waiting' then return end
  local is_queue = RULES[to] and to ~= ''
  local has_room = is_queue and not set_of(t.visited)[to] and RULES[to].is_open
    and redis.call('ZCARD', line_of(to)) < RULES[to].max_size
  if not has_room then
    tell('overflowed', {ticket = t}, why, {to = to == 'message' and to or 'callback'})
    return
  end
  step_out(t)
  put_ticket(t, {queue = to, visited = t.visited .. SEPARATOR .. to})
  tell('overflowed', {ticket = t}, why, {to = 'queue'})
  stand(t)
end

local STEP = 50

-- Nobody is signed in any more: everybody in line goes where the rules say, so many at a time.
local function nobody(queue)
  local rules = rules_of(queue)
  local to = rules.when_nobody
  if to == '' and not rules.is_open then to = rules.when_closed ~= '' and rules.when_closed or rules.to end
  local from, last = string.match(redis.call('HGET', P .. 'cursors', queue) or '-inf ', '^(%S+) (.*)$')
  redis.call('HDEL', P .. 'cursors', queue)
  if to == '' or redis.call('SCARD', P .. 'signed:' .. queue) > 0 then return end
  local rows = redis.call('ZRANGEBYSCORE', line_of(queue), from, '+inf', 'WITHSCORES', 'LIMIT', 0, STEP)
  for i = 1, #rows, 2 do
    local is_new = rows[i + 1] ~= from or rows[i] > last
    local t = is_new and load_ticket(rows[i])
    if t and t.kind == 'call' and t.state == 'waiting' then overflow(t, to, 'nobody') end
  end
  if #rows == 2 * STEP then
    redis.call('HSET', P .. 'cursors', queue, rows[#rows] .. ' ' .. rows[#rows - 1])
    at(now, 'nobody:' .. queue)
  end
end

local due = {}

function due.offer(offer_id)
  local o = load_offer(offer_id)
  if o and o.state == 'made' then refuse(o, 'no_answer') end
end

function due.beat(agent_id)
  local a = load_agent(agent_id)
  if not a or a.state == 'offline' or a.state == 'lost' then return end
  if now - a.beat_ms >= BEAT_MS then lose(a) else at(a.beat_ms + BEAT_MS, 'beat:' .. agent_id) end
end

function due.wrap(agent_id)
  local a = load_agent(agent_id)
  if a and a.state == 'wrapup' then finish_wrap_up(a) end
end

function due.relax(ticket_id)
  local t = load_ticket(ticket_id)
  local skills = t and relaxed(t)
  if not skills then return end
  local was_open = is_open_for_offers(t)
  if was_open then lane_remove(t) end
  put_ticket(t, {skills = skills})
  tell('relaxed', {ticket = t}, '', {skills = string.gsub(skills, SEPARATOR, ', ')})
  if relaxed(t) then at(now + rules_of(t.queue).relax_ms, 'relax:' .. t.id) end
  if was_open then
    lane_add(t)
    match_ticket(t)
  end
end

function due.over(ticket_id)
  local t = load_ticket(ticket_id)
  if t then overflow(t, rules_of(t.queue).to, 'wait') end
end

function due.bridge(ticket_id)
  local t = load_ticket(ticket_id)
  if t and t.state == 'briefing' then depart(t, 'never_came', '', '{}') end
end

function due.retry(ticket_id)
  local t = load_ticket(ticket_id)
  if t then reopen(t, 0) end
end

function due.dial(ticket_id)
  local t = load_ticket(ticket_id)
  if t and t.state == 'callback_dialing' then dial_again(t, 'timeout') end
end

function due.giveup(ticket_id)
  local t = load_ticket(ticket_id)
  if t and t.state == 'callback_pending' then finish(t, 'unreached') end
end

due.nobody = nobody

local rows = redis.call('ZRANGEBYSCORE', P .. 'due', '-inf', now, 'LIMIT', 0, ARG[1])
for _, what in ipairs(rows) do
  -- an earlier one may have made this one void
  if redis.call('ZREM', P .. 'due', what) == 1 then
    local kind, id = string.match(what, '^(%a+):(.*)$')
    due[kind](id)
  end
end
return #rows
