-- All callbacks and messages, oldest first, each as `held` gives it.
local rows = {}
for i, ticket_id in ipairs(redis.call('ZRANGE', P .. 'tasks', 0, -1)) do rows[i] = describe_held(ticket_id) end
return rows
