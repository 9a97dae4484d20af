-- Redis knows this installation again.
redis.call('SET', P .. 'known', '1')
if tonumber(ARG[1]) > 0 then tell('rebuilt', {}, '', {tickets = ARG[1]}) end
