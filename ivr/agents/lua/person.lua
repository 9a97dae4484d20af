-- What becomes of a person when an offer or a call is over.

local GONE_S = 86400 -- how long a person who has left is still remembered, for a note that comes late

local function forget_timers(a)
  never('beat:' .. a.agent_id)
  never('wrap:' .. a.agent_id)
  if a.state ~= 'offline' then return end
  redis.call('SREM', P .. 'agents', a.agent_id)
  redis.call('EXPIRE', P .. 'agent:' .. a.agent_id, GONE_S)
end

-- Whose telephone is the page itself is lost with it; any other telephone rings on without a page.
local function watch(a)
  if string.match(a.endpoint, '^client:') and a.session ~= '' then at(now + BEAT_MS, 'beat:' .. a.agent_id) end
end

local function seen(agent_id)
  local key = P .. 'agent:' .. agent_id
  if redis.call('EXISTS', key) == 0 then return false end
  local offer_id = redis.call('HGET', key, 'offer_id') or ''
  return {redis.call('HGETALL', key), redis.call('HGETALL', P .. 'offer:' .. offer_id)}
end

-- A person is free of an offer, or of a caller they have not spoken to: `release`, `miss` or `lose`.
-- What they chose meanwhile comes true now.
local function free(a, event, reason)
  local changes = {offer_id = '', ticket_id = '', room = '', pending = '', consulted_by = '',
    reason = reason or ''}
  if event ~= 'lose' and a.pending == 'break' then
    event, changes.reason = 'rest', a.pending_reason
  elseif event ~= 'lose' and a.pending == 'offline' then
    event, changes.reason = 'sign_out', ''
  end
  move_agent(a, event, changes)
  if a.state == 'offline' or a.state == 'lost' then forget_timers(a) end
  match_agent(a)
end

local function remember_handling(queue, handling_ms)
  local key = P .. 'handling:' .. queue
  local known = redis.call('HMGET', key, 'mean_ms', 'count')
  local mean_ms, count = tonumber(known[1] or 0), math.min(tonumber(known[2] or 0) + 1, MEMORY)
  redis.call('HSET', key, 'mean_ms', mean_ms + (handling_ms - mean_ms) / count, 'count', count)
end

-- The notes are over: ready, or what was chosen during the call.
local function finish_wrap_up(a)
  never('wrap:' .. a.agent_id)
  remember_handling(a.last_queue, now - a.begun_ms)
  local event, reason = 'ready', ''
  if a.pending == 'break' then event, reason = 'rest', a.pending_reason end
  if a.pending == 'offline' then event = 'sign_out' end
  move_agent(a, event, {pending = '', reason = reason})
  if a.state == 'offline' then forget_timers(a) end
  match_agent(a)
end

-- A person who has spoken, or dealt with a message, is done with it: `end`, or `lose`.
local function conclude(a, t, event)
  local wrap_up_ms = rules_of(t.queue).wrap_up_ms
  local changes = {offer_id = '', ticket_id = '', room = '', reason = '', last_ticket_id = t.id,
    last_call_id = t.call_id, last_queue = t.queue, calls = a.calls + 1,
    talk_ms = a.talk_ms + (a.talk_since ~= '' and now - a.talk_since or 0), talk_since = '', consulted_by = ''}
  if event == 'lose' then
    changes.pending = ''
    move_agent(a, 'lose', changes)
    forget_timers(a)
    return
  end
  changes.until_ms = now + wrap_up_ms
  move_agent(a, 'end', changes)
  if wrap_up_ms > 0 then at(now + wrap_up_ms, 'wrap:' .. a.agent_id) else finish_wrap_up(a) end
end
