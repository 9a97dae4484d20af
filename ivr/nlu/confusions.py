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
    "0": (0.6423, 0.0049, 0.1805, 0.0114, 0.0992, 0.0016, 0.0179, 0.0016, 0.0049, 0.0211, 0.0146),
    "1": (0.0021, 0.9296, 0.0145, 0.0021, 0.0311, 0.0021, 0.0021, 0.0021, 0.0062, 0.0021, 0.0062),
    "2": (0.0544, 0.0086, 0.8625, 0.0086, 0.0029, 0.0029, 0.0143, 0.0201, 0.0029, 0.0029, 0.0201),
    "3": (0.0020, 0.0020, 0.0621, 0.7355, 0.0140, 0.0060, 0.1383, 0.0060, 0.0100, 0.0100, 0.0140),
    "4": (0.0022, 0.0985, 0.0066, 0.0022, 0.8643, 0.0022, 0.0066, 0.0022, 0.0022, 0.0109, 0.0022),
    "5": (0.0015, 0.0844, 0.0015, 0.0074, 0.0044, 0.7096, 0.0370, 0.0074, 0.0222, 0.1200, 0.0044),
    "6": (0.0043, 0.0043, 0.0043, 0.0043, 0.0043, 0.0043, 0.9574, 0.0043, 0.0043, 0.0043, 0.0043),
    "7": (0.0020, 0.0020, 0.0020, 0.0060, 0.0020, 0.0060, 0.1451, 0.8250, 0.0020, 0.0060, 0.0020),
    "8": (0.0205, 0.0068, 0.0232, 0.0859, 0.0259, 0.0068, 0.1514, 0.0150, 0.5989, 0.0314, 0.0341),
    "9": (0.0028, 0.0028, 0.0028, 0.0028, 0.0028, 0.0194, 0.0028, 0.0028, 0.0028, 0.9557, 0.0028),
})  # fmt: skip
"""By the digit that was heard: how often each of the ten was said, and how often none was."""
LOST = (0.00062, 0.00144, 0.00268, 0.00103, 0.00186, 0.00062, 0.00144, 0.00062, 0.00021, 0.00144)
"""How often each of the ten was said at a place where nothing was heard."""
