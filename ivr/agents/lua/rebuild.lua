-- A live call's ticket that Redis has forgotten stands in line again, whatever the rules say of full and closed.
local ticket_id, call_id, queue, priority, joined_ms, caller, skills, kind, reason, json = unpack(ARG)
if load_ticket(ticket_id) or redis.call('HGET', P .. 'calls', call_id) then return 0 end
local t = create(ticket_id, call_id, queue, priority, tonumber(joined_ms), caller, skills, kind, json)
tell('joined', {ticket = t}, reason)
stand(t)
return 1
