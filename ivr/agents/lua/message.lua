-- A waiting ticket becomes a message, a task of its queue.
local ticket_id, recording_id, text, duration_ms = unpack(ARG)
local t = load_ticket(ticket_id)
if not t then return 0 end
if t.kind == 'message' then return 1 end
if not may_ticket(t, 'leave_message') then return 0 end
step_out(t)
move_ticket(t, 'leave_message',
  {kind = 'message', recording_id = recording_id, text = text, duration_ms = duration_ms})
withdraw(t, 'caller_left')
redis.call('HDEL', P .. 'calls', t.call_id)
redis.call('ZADD', P .. 'tasks', t.stamp, ticket_id)
tell('booked', {ticket = t}, 'message', {recording_id = recording_id, duration_ms = duration_ms})
stand(t)
return 1
