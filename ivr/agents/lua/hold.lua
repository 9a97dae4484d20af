-- The caller hears music, or the person again.
local t = load_ticket(ARG[1])
local event = ARG[2]
if not t then return 0 end
if t.state == (event == 'hold' and 'held' or 'bridged') then return 1 end
if not may_ticket(t, event) then return 0 end
move_ticket(t, event)
local a = load_agent(t.agent_id)
move_agent(a, event)
tell(event == 'hold' and 'held' or 'unheld', {ticket = t, agent = a})
return 1
