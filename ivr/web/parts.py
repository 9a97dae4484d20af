"""What the views are given: made once by ``app``, and nothing else of the installation is known here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.accounts.door import Door
from ivr.agents.distributor import Distributor
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.store import CallStore
from ivr.telephony.webhook import SignatureChecker
from ivr.web.console.parts import ConsoleParts


@dataclass(frozen=True, slots=True)
class About:
    """What the home page tells of this installation. Holds no secret."""

    engine: str
    """The ears in use, such as ``vosk``."""
    model: str
    flows: str
    """Version of the flows in force."""
    calls: int
    """Calls running now."""
    broken: int = 0
    """Faults of the flow files as they stand now; 0 where they are in force."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the web process works with."""

    public_url: str
    """The address callers' carrier reaches us by, without a slash at the end."""
    signatures: SignatureChecker
    store: CallStore
    queue: Distributor
    hands: Handover
    """What people do with calls."""
    legs: Legs
    fallback_twiml: Callable[[], str]
    """Said and done where the machine cannot help at all."""
    divert_twiml: Callable[[], str]
    """The same for a caller who was told so before."""
    about: Callable[[], About]
    """Raises StoreError where it cannot be known."""
    faults: Callable[[], tuple[str, ...]]
    """What keeps this installation from taking calls, a sentence each; none if it is ready."""
    bury: Callable[[str], None]
    """Brings a call to its end that the carrier says is over. Raises StoreError."""
    door: Door
    """Signs people in and out."""
    phone_token: Callable[[str], str] | None = None
    """Makes a browser phone's key for an agent; None where no API key is set."""
    console: ConsoleParts | None = None
    """What the agents' console works with; None where nobody takes calls."""
    demo_number: str = ""
    """The number the browser phone offers; empty where there is no local exchange, and so no phone."""
    demo_caller: str = ""
    """The number the browser phone calls from, unless the person at it says another."""
