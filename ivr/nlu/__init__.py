"""WORDS TO MEANING: what a caller's words are worth at one step. Pure: no I/O, no clock, no learning at run time."""
