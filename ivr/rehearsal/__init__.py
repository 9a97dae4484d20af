"""CONVERSATIONS AS TESTS: the talks that stand beside a flow, acted out and judged.

The same talk runs as text, in milliseconds on a clock of its own, and as sound, through the ears and the voice of
this machine. It starts no node, needs no Redis and decides nothing: the dialogue is the real one, everything
around it is what the talk says.
"""
