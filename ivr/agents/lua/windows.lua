-- What time it is, and the callbacks whose allowed hours must be worked out now.
local rows = {}
for _, ticket_id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'windows', '-inf', now, 'LIMIT', 0, ARG[1])) do
  local t = load_ticket(ticket_id)
  rows[#rows + 1] = {t.id, t.number, t.queue, t.not_before_ms}
end
return {now, rows}
