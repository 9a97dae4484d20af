"""The only place that picks concrete parts: settings in, the parts of each process out.

``web``, ``gateway``, ``dispatch`` and ``exchange`` are the processes of a node, each importing only what it
needs; ``desk`` is what they and the tools beside them share; ``typed`` and ``voices`` are for calls placed at a
desk. Nothing here carries a call or renders a page.
"""
