-- A person is at their desk, for the first time or again.
local agent_id, session, name, queues, skills, endpoint, position = unpack(ARG)
local a = load_agent(agent_id)
local key = P .. 'agent:' .. agent_id
redis.call('PERSIST', key)
redis.call('SADD', P .. 'agents', agent_id)
local profile = session ~= '' and skills .. SEPARATOR .. '@page' or skills
local told = {name = name, queues = queues, skills = skills, profile = profile, endpoint = endpoint,
  position = position, session = session, beat_ms = now}
local is_new = not a or a.state == 'offline'
if is_new then
  a = {state = 'offline', agent_id = agent_id}
  told.agent_id, told.calls, told.talk_ms, told.idle_ms, told.talk_since = agent_id, 0, 0, now, ''
  told.rung, told.pending, told.offer_id, told.ticket_id, told.room = 0, '', '', '', ''
else
  if a.state == 'ready' then bench_remove(a) end
  for queue in each(a.queues) do
    redis.call('SREM', P .. 'signed:' .. queue, agent_id)
    redis.call('SREM', P .. 'serving:' .. queue, agent_id)
  end
end
put_agent(a, told)
if may_agent(a, 'sign_in') then
  move_agent(a, 'sign_in', {reason = is_new and 'signed_in' or 'lost'})
else
  enlist(a)
  if a.state == 'ready' then bench_add(a) end
end
watch(a)
match_agent(a)
return seen(agent_id)
