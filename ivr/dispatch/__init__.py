"""BRINGS PEOPLE'S TELEPHONES TO CALLERS: the process between the queue, which decides, and the carrier, which rings.

``dispatcher`` acts on the queue's news, ``sweep`` finds what nobody told. Nothing here decides who gets whom, and
nothing speaks to a caller.
"""

from ivr.dispatch.dispatcher import Dispatcher

__all__ = ["Dispatcher"]
