"""The only place that picks concrete parts: settings in, the parts of each process out.

``web``, ``gateway`` and ``exchange`` are the processes of a node, each importing only what it needs; ``desk`` is
what they and the tools beside them share; ``typed`` and ``voices`` are for calls placed at a desk. Nothing here
carries a call or renders a page.
"""

DEMO_NUMBER = "+15550100"
"""The number at which a local exchange reaches us; fictitious (555-01xx)."""
