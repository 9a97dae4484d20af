"""Which digits the built-in recogniser takes for which on a telephone line: chances, measured.

Printed by ``scripts/measure-confusions`` from takes 5 to 49 of the Free Spoken Digit Dataset (Jackson et al., CC
BY-SA 4.0), four speakers, a third of the strings with noise at 15 dB. A speech model errs less often, but alike:
what sounds alike on a telephone does not depend on who listens. How often is the confidence's to say; here only the
proportions count.
"""

from __future__ import annotations

from types import MappingProxyType

DIGITS = "0123456789"
SAID_WHEN_HEARD = MappingProxyType({
    "0": (0.4175, 0.0152, 0.1368, 0.0082, 0.2164, 0.0526, 0.0222, 0.0760, 0.0035, 0.0152, 0.0363),
    "1": (0.0054, 0.9356, 0.0089, 0.0125, 0.0054, 0.0089, 0.0018, 0.0089, 0.0018, 0.0089, 0.0018),
    "2": (0.1773, 0.0099, 0.6000, 0.1262, 0.0043, 0.0071, 0.0241, 0.0270, 0.0014, 0.0071, 0.0156),
    "3": (0.0028, 0.0028, 0.0198, 0.9207, 0.0028, 0.0028, 0.0312, 0.0028, 0.0085, 0.0028, 0.0028),
    "4": (0.0019, 0.1714, 0.0019, 0.0019, 0.6836, 0.0998, 0.0094, 0.0094, 0.0056, 0.0056, 0.0094),
    "5": (0.0018, 0.0385, 0.0092, 0.0092, 0.0092, 0.8239, 0.0092, 0.0202, 0.0165, 0.0606, 0.0018),
    "6": (0.0123, 0.0123, 0.0123, 0.0123, 0.0123, 0.0123, 0.8765, 0.0123, 0.0123, 0.0123, 0.0123),
    "7": (0.0031, 0.0031, 0.0031, 0.0154, 0.0031, 0.0031, 0.0031, 0.9569, 0.0031, 0.0031, 0.0031),
    "8": (0.0175, 0.0075, 0.0042, 0.0674, 0.0042, 0.0075, 0.3789, 0.0624, 0.4321, 0.0025, 0.0158),
    "9": (0.0017, 0.0052, 0.0087, 0.0052, 0.0017, 0.0470, 0.0017, 0.0122, 0.0122, 0.9026, 0.0017),
})  # fmt: skip
"""By the digit that was heard: how often each of the ten was said, and how often none was."""
LOST = (0.00155, 0.00155, 0.00464, 0.00636, 0.00292, 0.00189, 0.01082, 0.00532, 0.00086, 0.00052)
"""How often each of the ten was said at a place where nothing was heard."""
