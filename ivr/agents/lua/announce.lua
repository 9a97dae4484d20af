-- The call is being announced on the person's phone: the offer lasts so much longer, from now.
local o = load_offer(ARG[1])
if not o or o.state ~= 'made' then return 0 end
local until_ms = math.max(tonumber(o.expires_ms), now + tonumber(ARG[2]))
put(P .. 'offer:' .. ARG[1], o, {expires_ms = until_ms})
put_agent(load_agent(o.agent_id), {until_ms = until_ms})
at(until_ms, 'offer:' .. ARG[1])
return 1
