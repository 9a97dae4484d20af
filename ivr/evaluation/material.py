"""What is said in an evaluation: the sentences shipped in ``material.toml``, as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words for a field and the value they stand for, as the field keeps it."""

    type: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Material:
    """Sentences that nothing was trained or tuned with."""

    intents: Mapping[str, tuple[str, ...]]
    near: tuple[str, ...]
    """Out of scope, of the sample's own trade."""
    far: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    menu: tuple[str, ...]
    """Five words of a menu."""
    carriers: tuple[str, ...]
    """What callers say around such a word, which stands for ``{}``."""
    upset: tuple[str, ...]
    calm: tuple[str, ...]
    fields: tuple[Spoken, ...]

    def short(self, most: int) -> Material:
        """The same with so few of each kind."""
        kinds = dict.fromkeys(one.type for one in self.fields)
        return Material(
            intents={name: texts[:most] for name, texts in self.intents.items()},
            near=self.near[:most],
            far=self.far[:most],
            yes=self.yes[:most],
            no=self.no[:most],
            menu=self.menu,
            carriers=self.carriers[:most],
            upset=self.upset[:most],
            calm=self.calm[:most],
            fields=tuple(
                one for kind in kinds for one in [each for each in self.fields if each.type == kind][:most]
            ),
        )


def shipped() -> Material:
    """The sentences of this package."""
    text = resources.files("ivr.evaluation").joinpath("material.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    return Material(
        intents={name: tuple(texts) for name, texts in found["intents"].items()},
        near=tuple(found["outside"]["near"]),
        far=tuple(found["outside"]["far"]),
        yes=tuple(found["answers"]["yes"]),
        no=tuple(found["answers"]["no"]),
        menu=tuple(found["menu"]["words"]),
        carriers=tuple(found["menu"]["carriers"]),
        upset=tuple(found["mood"]["upset"]),
        calm=tuple(found["mood"]["calm"]),
        fields=tuple(Spoken(kind["type"], *pair) for kind in found["fields"] for pair in kind["said"]),
    )
