"""ALL DECISIONS: one pure function folds events into a call's state and the actions that follow.

``engine.handle`` is the door. No I/O, no clock, no random number; what words mean is ``nlu``'s.
"""
