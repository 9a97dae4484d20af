-- A person leaves their caller.
local t = load_ticket(ARG[1])
if not t or not (t.state == 'briefing' or t.state == 'bridged' or t.state == 'held') then return 0 end
depart(t, ARG[2], ARG[3], ARG[4])
return 1
