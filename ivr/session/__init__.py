"""ONE CALL'S LOOP: events in, the dialogue's decision, its state saved, its actions carried out.

The only place that joins the dialogue with a line and with the hands outside it. It decides nothing: whatever
goes wrong becomes an event, and the dialogue says what that means for the caller.
"""

from ivr.session.hands import Carrier, Hands, Lookups, Profiles, Queue
from ivr.session.loop import Keeper, Session

__all__ = ["Carrier", "Hands", "Keeper", "Lookups", "Profiles", "Queue", "Session"]
