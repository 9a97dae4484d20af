"""English phrases that belong to the machine and not to a site: yes, no, and what a waiting caller may say.

The universal commands are named here; how callers say them stands in the site's own file.
"""

from __future__ import annotations

from typing import Literal

Command = Literal["help", "repeat", "slower", "back", "restart", "agent"]
COMMANDS: tuple[Command, ...] = ("help", "repeat", "slower", "back", "restart", "agent")

YES = (
    "yes", "yeah", "yep", "yup", "yes please", "yes it is", "yes that is right", "that is right",
    "that's correct", "correct", "right", "sure", "of course", "certainly", "absolutely", "definitely",
    "exactly", "okay", "ok", "that's it", "it is", "I do", "you got it", "go ahead", "please do", "aye",
    "affirmative", "I think so", "I guess so",
)  # fmt: skip
NO = (
    "no", "nope", "nah", "no thanks", "no thank you", "no it isn't", "no it is not", "that's wrong", "wrong",
    "that is not right", "that's not right", "not right", "incorrect", "not correct", "that's incorrect",
    "it isn't", "not at all", "of course not", "I don't", "I do not", "never", "no way", "negative",
    "not really", "no not that", "not quite", "I don't think so",
)  # fmt: skip
SLOWER = (
    "slower", "slow down", "more slowly", "speak slower", "speak more slowly", "slower please", "too fast",
    "you speak too fast", "not so fast", "can you speak slower", "could you speak more slowly",
)  # fmt: skip
"""The command ``slower`` where a site gives no phrases for it."""
PLACE = (
    "how long", "how much longer", "how long will it take", "how many before me", "what is my place",
    "my place", "where am I in line", "position", "what is my position",
)  # fmt: skip
"""Where in line: adds to ``repeat`` for a caller who waits."""
MENU = (
    "back to the menu", "menu", "main menu", "go back", "cancel", "never mind", "stop waiting",
    "I don't want to wait", "stop",
)  # fmt: skip
"""Out of the line: adds to ``restart`` for a caller who waits."""
PERSON = (
    "agent", "operator", "representative", "human", "human being", "real person", "live person", "a person",
    "advisor", "adviser", "somebody real", "someone real",
)  # fmt: skip
"""Words that ask for a person wherever in a sentence they stand."""
CHANGES = ("the {label} is wrong", "wrong {label}", "change the {label}", "the {label} is not right")
"""What of a form is wrong, by the field's label."""
LABELS = ("{label}", "the {label}", "my {label}")
"""The same as the answer to what is to be changed."""
