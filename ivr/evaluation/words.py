"""Short answers: yes and no in many forms, and the five words of a menu."""

from __future__ import annotations

from ivr.actions import Expectation, Option
from ivr.dialogue.expect import commands, yes_no
from ivr.evaluation.desk import Desk, name_of
from ivr.evaluation.figures import EITHER, MENU, YES_NO
from ivr.flow.site import Book
from ivr.rehearsal.handset import Condition

PART = "words"


def answer(book: Book) -> Expectation:
    """A question for yes or no."""
    return Expectation(
        kind="choice", options=yes_no(book), commands=commands(book), language=book.site.language
    )


def choice(book: Book, words: tuple[str, ...]) -> Expectation:
    """A menu of bare words."""
    options = tuple(Option(name=word, phrases=(word,), key=str(key)) for key, word in enumerate(words, 1))
    return Expectation(kind="choice", options=options, commands=commands(book), language=book.site.language)


async def measure(desk: Desk) -> None:
    material, book = desk.material, desk.book
    answers = [("yes", text) for text in material.yes] + [("no", text) for text in material.no]
    chosen = [(word, form.format(word)) for word in material.menu for form in material.carriers]
    asked = ((YES_NO, answer(book), answers), (MENU, choice(book, material.menu), chosen))
    await desk.ear.warm([expect for _, expect, _ in asked])
    for name, expect, said in asked:
        await _measure(desk, name, expect, said, None)
    for condition in desk.sizes.conditions:
        desk.told(f"words: {len(answers)} answers and {len(chosen)} menu words, {name_of(condition)}")
        right = [await _measure(desk, name, expect, said, condition) for name, expect, said in asked]
        total = len(answers) + len(chosen)
        desk.figure(PART, EITHER, name_of(condition), total - sum(right), total)


async def _measure(
    desk: Desk, name: str, expect: Expectation, said: list[tuple[str, str]], condition: Condition | None
) -> int:
    async def one(numbered: tuple[int, tuple[str, str]]) -> bool:
        seed, (wanted, text) = numbered
        found = await desk.say(expect, text, condition, seed)
        kind = "" if condition is None else "yes_no" if name == YES_NO else "intent"
        return desk.judge(PART, name_of(condition), text, found, wanted, found.got, kind)

    right = sum(await desk.each(one, enumerate(said)))
    desk.figure(PART, name, name_of(condition), right, len(said), is_spoken=condition is not None)
    return right
