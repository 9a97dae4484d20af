"""Learning from calls: what was not understood becomes changes to the flows, each tried before it is written.

Everything comes from the masked records. Nothing here answers a call, and nothing is changed that a designer has
not asked for.
"""
