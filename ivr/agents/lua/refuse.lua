-- An offer ends without a person.
local o = load_offer(ARG[1])
if not o or o.state == 'accepted' then return 0 end
refuse(o, ARG[2])
return 1
