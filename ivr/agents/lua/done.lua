-- A task is dealt with, or not wanted any more.
local t = load_ticket(ARG[1])
if not t or t.kind == 'call' then return 0 end
finish(t, ARG[2])
return 1
