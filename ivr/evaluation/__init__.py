"""HOW WELL CALLERS ARE UNDERSTOOD: material that nothing was trained or tuned with, put through the product, counted.

``sentences``, ``words``, ``unmeant``, ``digits``, ``calls``, ``fields``, ``mood`` and ``intents`` are the parts that
measure, ``recordings`` measures what a user brings; ``figures`` are counts and goals, ``run`` puts the parts
together, also without what ``switches`` names; ``told``, ``picture`` and ``compare`` show what was found. Nothing
here is used while real calls are carried.
"""
