"""WORDS TO MEANING: what a caller's words are worth at one step. Pure: no clock, no chance, constant tables only.

``match`` is the door. ``normalise`` knows English words and digits; ``matcher`` and ``intents`` choose among
examples, by their meaning (``vectors``) and their words (``score``); ``values`` reads numbers, days, names
and the like, each found by a module of its type.
"""
