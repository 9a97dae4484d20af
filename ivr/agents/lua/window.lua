-- A callback may be dialled from ARG[2] to ARG[3]; never, where those are 0.
local t = load_ticket(ARG[1])
local begin_ms, end_ms = tonumber(ARG[2]), tonumber(ARG[3])
if not t or t.state ~= 'callback_pending' then return redis.call('ZREM', P .. 'windows', ARG[1]) end
if end_ms == 0 then return finish(t, 'hours') end
if begin_ms > now then
  step_out(t)
  redis.call('ZADD', P .. 'windows', begin_ms, t.id)
  return
end
redis.call('ZADD', P .. 'windows', end_ms, t.id)
if not redis.call('ZSCORE', line_of(t.queue), t.id) then stand(t) end
