-- Where a waiting ticket stands.
local t = load_ticket(ARG[1])
if not t or (t.state ~= 'waiting' and t.state ~= 'offered') then return false end
return describe(t)
