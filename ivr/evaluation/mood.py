"""Upset callers told from calm ones by their words, at the threshold of the site."""

from __future__ import annotations

from ivr.evaluation.desk import Desk
from ivr.evaluation.figures import ALARMS, TEXT, UPSET, UPSET_AT_FIVE, Miss
from ivr.nlu.mood import read

PART = "mood"
MOST_ALARMS = 0.05
"""Share of calm callers who may be taken for upset."""


async def measure(desk: Desk) -> None:
    threshold = desk.book.site.mood.threshold
    desk.told(f"mood: {len(desk.material.upset)} upset and {len(desk.material.calm)} calm sentences as text")
    upset = [(text, read(text).score) for text in desk.material.upset]
    calm = [(text, read(text).score) for text in desk.material.calm]
    found = sum(score >= threshold for _, score in upset)
    alarms = sum(score >= threshold for _, score in calm)
    note = f"at the site's threshold, {threshold:.2f}"
    desk.figure(PART, UPSET, TEXT, found, len(upset), note, is_spoken=False)
    desk.figure(PART, ALARMS, TEXT, alarms, len(calm), note, is_spoken=False)
    least = least_score([score for _, score in calm])
    at_five = sum(score > least for _, score in upset)
    note = f"above a score of {least:.2f}, set on these very sentences"
    desk.figure(PART, UPSET_AT_FIVE, TEXT, at_five, len(upset), note, is_spoken=False)
    for said, wanted in ((upset, "upset"), (calm, "calm")):
        for text, score in said:
            got = "upset" if score >= threshold else "calm"
            if got != wanted:
                desk.report.misses.append(Miss(PART, TEXT, text, text, wanted, got, score))


def least_score(calm: list[float]) -> float:
    """The score above which no more than ``MOST_ALARMS`` of the calm ones are."""
    ordered = sorted(calm, reverse=True)
    return ordered[int(len(ordered) * MOST_ALARMS)] if ordered else 0.0
