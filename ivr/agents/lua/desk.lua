-- People as they stand.
local rows = {}
for i, agent_id in ipairs(ARG) do rows[i] = seen(agent_id) end
return rows
