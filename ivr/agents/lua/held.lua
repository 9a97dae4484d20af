-- A ticket as it stands, by its own id or its call's.
local ticket_id = ARG[1]
if ARG[2] == 'call' then ticket_id = redis.call('HGET', P .. 'calls', ARG[1]) or '' end
return describe_held(ticket_id)
