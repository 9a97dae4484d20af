-- A waiting ticket becomes one to be called back; not while its caller is still on the line, or for a minute.
local ticket_id, number, not_before_ms = unpack(ARG)
local ON_LINE_MS = 60000
local t = load_ticket(ticket_id)
if not t then return 'gone' end
if t.state == 'callback_pending' and t.number == number then return '' end
if not may_ticket(t, 'book') then return 'gone' end
local other = redis.call('HGET', P .. 'numbers', number)
if other and other ~= ticket_id then return 'duplicate' end
step_out(t)
move_ticket(t, 'book', {kind = 'callback', number = number, not_before_ms = not_before_ms})
withdraw(t, 'caller_left')
redis.call('HSET', P .. 'numbers', number, ticket_id)
redis.call('ZADD', P .. 'tasks', t.stamp, ticket_id)
redis.call('HINCRBY', P .. 'funnel', 'open', 1)
redis.call('ZADD', P .. 'windows', math.max(tonumber(not_before_ms), now + ON_LINE_MS), ticket_id)
tell('booked', {ticket = t}, '', {dials = 0, not_before_ms = not_before_ms})
return ''
