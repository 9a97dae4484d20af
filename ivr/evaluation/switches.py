"""What can be switched off to see what it is worth: parts of the product that it can be built without."""

from __future__ import annotations

from types import MappingProxyType

ABLATIONS = MappingProxyType(
    {
        "domain-model": "what callers are likely to say here, as the recogniser's language model",
        "second-pass": "listening again, freely, to what was heard unsurely",
        "re-ranking": "strings of digits judged by length, check digit and what sounds alike",
        "confirmation": "asking back what was understood unsurely",
        "mood-text": "mood read from words",
        "mood-voice": "mood heard in the voice",
    }
)
