"""WORDS TO MEANING: what a caller's words are worth at one step. Pure: no I/O, no clock, no training.

``match`` is the door; ``normalise`` knows English words and digits, ``score`` nearness to examples.
"""
