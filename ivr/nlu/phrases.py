"""Phrases that belong to the machine and not to a site, by language: yes, no, and what a waiting caller may say.

The universal commands are named here; how callers say them stands in the site's own file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Command = Literal["help", "repeat", "slower", "back", "restart", "agent"]
COMMANDS: tuple[Command, ...] = ("help", "repeat", "slower", "back", "restart", "agent")

YES = (
    "yes", "yeah", "yep", "yup", "yes please", "yes it is", "yes that is right", "that is right",
    "that's correct", "correct", "right", "sure", "of course", "certainly", "absolutely", "definitely",
    "exactly", "okay", "ok", "that's it", "it is", "I do", "you got it", "go ahead", "please do", "aye",
    "affirmative", "I think so", "I guess so", "spot on", "fine", "that is fine", "sounds good", "why not",
    "that is the one", "indeed", "perfect", "go on then", "that will do", "yes indeed", "all right",
    "I suppose so", "you may", "you can", "great", "lovely", "quite right", "by all means",
)  # fmt: skip
NO = (
    "no", "nope", "nah", "no thanks", "no thank you", "no it isn't", "no it is not", "that's wrong", "wrong",
    "that is not right", "that's not right", "not right", "incorrect", "not correct", "that's incorrect",
    "it isn't", "not at all", "of course not", "I don't", "I do not", "never", "no way", "negative",
    "not really", "no not that", "not quite", "I don't think so", "absolutely not", "certainly not",
    "definitely not", "rather not", "not today", "not now", "leave it", "please do not",
    "better not", "no it is wrong", "that is not it", "it is not", "it is wrong", "not that", "no need",
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
    "advisor", "adviser", "somebody real", "someone real", "人工", "真人", "客服",
)  # fmt: skip
"""Words that ask for a person wherever in a sentence they stand."""
CHANGES = ("the {label} is wrong", "wrong {label}", "change the {label}", "the {label} is not right")
"""What of a form is wrong, by the field's label."""
LABELS = ("{label}", "the {label}", "my {label}")
"""The same as the answer to what is to be changed."""


@dataclass(frozen=True, slots=True)
class Own:
    """The machine's own phrases in one language."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    slower: tuple[str, ...]
    place: tuple[str, ...]
    menu: tuple[str, ...]
    labels: tuple[str, ...]
    changes: tuple[str, ...]


_ENGLISH = Own(YES, NO, SLOWER, PLACE, MENU, LABELS, CHANGES)
_OTHERS: Mapping[str, Own] = MappingProxyType(
    {
        "zh": Own(
            yes=(
                "是",
                "是的",
                "对",
                "对的",
                "没错",
                "好",
                "好的",
                "可以",
                "嗯是的",
                "确认",
                "正确",
                "行",
                "要",
            ),
            no=(
                "不",
                "不是",
                "不对",
                "错",
                "错了",
                "不要",
                "不行",
                "不可以",
                "不用",
                "不用了",
                "没有",
                "不正确",
            ),
            slower=("慢一点", "说慢一点", "请慢一点", "慢点", "太快了", "说得太快了"),
            place=("还要多久", "还要等多久", "前面还有几个人", "我排第几", "我排在第几位"),
            menu=("返回菜单", "主菜单", "回到菜单", "取消", "不等了", "我不想等了", "算了"),
            labels=("{label}",),
            changes=("{label}不对", "{label}错了", "改{label}", "修改{label}"),
        )
    }
)


def own(language: str) -> Own:
    """The machine's phrases in a language; the English ones where it has none."""
    return _OTHERS.get(language, _ENGLISH)
