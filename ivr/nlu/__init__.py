"""WORDS TO MEANING: what a caller's words are worth at one step. Pure: no I/O, no clock, no training.

``match`` is the door. ``normalise`` knows English words and digits; ``matcher`` and ``score`` choose among examples;
``values`` reads numbers, days, names and the like, each found by a module of its type.
"""
