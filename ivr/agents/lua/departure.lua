-- How a person last left a call.
return redis.call('GET', P .. 'departure:' .. ARG[1])
