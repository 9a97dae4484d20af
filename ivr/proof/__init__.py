"""What only engines can tell of flows: how long prompts are as spoken, what sounds alike, what is never heard.

Speaks and listens with the engines it is given. Picks none (``app`` does) and judges no words (``flow.check`` does).
"""

from ivr.proof.findings import findings
from ivr.proof.languages import speakable
from ivr.proof.lengths import sound
from ivr.proof.prompts import Prompt, prompts

__all__ = ["Prompt", "findings", "prompts", "sound", "speakable"]
