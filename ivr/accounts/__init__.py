"""People who work here: who they are, what they may do, and whether it is really them.

Users stand in SQL, sessions and the memory of failed attempts in Redis. Knows no page and no cookie.
"""
