"""SPEED AND SIZE: many callers at once on a node of its own, measured from where the callers are.

``figures`` are what is printed and the goals they are held against, ``talk``, ``load``, ``ramp`` and ``start``
the parts that measure, ``run`` puts them together. Nothing here is used while real calls are carried.
"""
