-- What every change stands on: keys, time, rules, states, timers and the log.
-- ARGV: now_ms or '', rules as JSON, then the arguments of the change, from ARG[1] on.

local P = KEYS[1] .. ':'
local SEPARATOR = '\31'
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local RULES = cjson.decode(ARGV[2])
local ARG = {}
for i = 3, #ARGV do ARG[i - 2] = ARGV[i] end

local PRIORITY_MS = 6000 -- one point of priority counts as much waiting
local FRONT_MS = 86400000 -- who was lost by a person stands before all who did nothing but wait
local MESSAGE_MS = 14400000 -- a message stands behind callers until it is so much older
local BRIDGE_MS = 20000 -- from acceptance until both must be in the room
local BEAT_MS = 10000 -- a heartbeat older than this is lost
local KEPT_MS = 180000 -- how long a caller cut off keeps their age
local DIAL_MS = 90000 -- from a callback's dial until its caller must have joined
local DIAL_GAPS_MS = {300000, 900000, 1800000} -- after each dial that failed; the last one ends the callback
local CARRIER_MS = 1000 -- pause after the carrier refused, times the number of refusals, to 5 s

local function load(key)
  local flat = redis.call('HGETALL', key)
  if #flat == 0 then return nil end
  local row = {}
  for i = 1, #flat, 2 do row[flat[i]] = flat[i + 1] end
  return row
end

local function load_ticket(ticket_id) return load(P .. 'ticket:' .. ticket_id) end
local function load_agent(agent_id) return load(P .. 'agent:' .. agent_id) end
local function load_offer(offer_id) return load(P .. 'offer:' .. offer_id) end

local function rules_of(queue) return RULES[queue] or RULES[''] end

local function put(key, row, changes)
  for name, value in pairs(changes) do
    row[name] = type(value) == 'number' and string.format('%.17g', value) or value
    redis.call('HSET', key, name, row[name])
  end
  row.version = tostring(redis.call('HINCRBY', key, 'version', 1))
end

local function put_ticket(t, changes) put(P .. 'ticket:' .. t.id, t, changes) end
local function put_agent(a, changes) put(P .. 'agent:' .. a.agent_id, a, changes) end

local function each(text) return string.gmatch(text or '', '[^' .. SEPARATOR .. ']+') end

local function set_of(text)
  local set = {}
  for word in each(text) do set[word] = true end
  return set
end

local function sorted(text)
  local words = {}
  for word in each(text) do words[#words + 1] = word end
  table.sort(words)
  return table.concat(words, SEPARATOR)
end

local function has_all(has, wanted)
  local set = set_of(has)
  for word in each(wanted) do
    if not set[word] then return false end
  end
  return true
end

local function at(when_ms, what) redis.call('ZADD', P .. 'due', when_ms, what) end
local function never(what) redis.call('ZREM', P .. 'due', what) end

-- The log. `about`: any of ticket, agent, offer; `more`: further fields.
local function tell(kind, about, reason, more)
  local line = {'kind', kind, 'at_ms', string.format('%.0f', now), 'reason', reason or ''}
  local function add(name, value)
    if value and value ~= '' then
      line[#line + 1] = name
      line[#line + 1] = value
    end
  end
  local t, a, o = about.ticket, about.agent, about.offer
  if t then
    add('ticket_id', t.id)
    add('call_id', t.call_id)
    add('queue', t.queue)
    add('ticket_kind', t.kind)
    add('state', t.state)
    add('waited_ms', string.format('%.0f', now - t.joined_ms))
  end
  if o then
    add('offer_id', o.offer_id)
    add('leg', o.leg)
    add('room', o.room)
  end
  add('agent_id', a and a.agent_id or o and o.agent_id or t and t.agent_id)
  for name, value in pairs(more or {}) do add(name, tostring(value)) end
  redis.call('XADD', P .. 'news', 'MAXLEN', '~', 100000, '*', unpack(line))
end

local function may_ticket(t, event) return CALL[t.state] and CALL[t.state][event] end

local function move_ticket(t, event, changes)
  local state = may_ticket(t, event)
  if not state then error('ticket ' .. t.id .. ' cannot ' .. event .. ' while ' .. t.state) end
  changes = changes or {}
  changes.state = state
  put_ticket(t, changes)
end

local function may_agent(a, event) return AGENT[a.state] and AGENT[a.state][event] end
