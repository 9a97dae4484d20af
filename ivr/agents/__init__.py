"""People and those who wait for them, in Redis; every change is one Lua script."""
