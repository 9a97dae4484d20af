-- A ticket becomes one person's, and nobody else's.
local offer_id, agent_id = unpack(ARG)
local o = load_offer(offer_id)
if not o or o.agent_id ~= agent_id then return false end
local t = load_ticket(o.ticket_id)
local function accepted()
  return {redis.call('HGETALL', P .. 'ticket:' .. t.id), redis.call('HGET', P .. 'tickets', t.id),
    redis.call('HGETALL', P .. 'offer:' .. offer_id)}
end
if o.state == 'accepted' then return t.offer_id == offer_id and accepted() end
if o.state ~= 'made' then return false end
local a = load_agent(agent_id)
step_out(t)
never('offer:' .. offer_id)
redis.call('SREM', P .. 'offers:' .. t.id, offer_id)
put(P .. 'offer:' .. offer_id, o, {state = 'accepted'})
move_ticket(t, 'accept', {agent_id = agent_id, offer_id = offer_id, room = o.room, leg = o.leg or '',
  agent_in = '', caller_in = ''})
move_agent(a, 'accept', {room = o.room, begun_ms = o.made_ms, talk_since = ''})
redis.call('DEL', P .. 'departure:' .. t.call_id)
if t.kind ~= 'message' then at(now + BRIDGE_MS, 'bridge:' .. t.id) end
tell('accepted', {ticket = t, offer = o, agent = a}, '', {agent_name = a.name})
withdraw(t, 'rescinded')
return accepted()
