"""Every example of the manual is read as what it shows; talks are acted, against the flow above them on the page.

What an example begins with says what it is: ``flow:`` a flow, ``talks:`` (or what is given for them) talks,
``# look_ups`` or ``# site`` that file or a part of it, ``# main.zh.yaml`` the words of the flow above it in another
language; anything else is steps of a flow. An example may speak of
steps, flows, look-ups and queues that stand elsewhere.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from reading import MANUAL, ROOT, examples

from ivr.errors import FlowError
from ivr.flow.load import parse
from ivr.flow.site import Site
from ivr.rehearsal import read, text
from ivr.rehearsal.judge import judge
from ivr.rehearsal.report import Result, told

SITE = (ROOT / "tests" / "flows" / "good" / "site.yaml").read_text(encoding="utf-8")
SITE = re.sub(r"^(numbers:|queues:).*\n(  desk:.*\n)?", "", SITE, flags=re.MULTILINE)
QUEUES = "queues: { desk: { name: the front desk }, customer_service: { name: customer service } }\n"
ELSEWHERE = re.compile(r"unknown-(?!key|kind)|no-way-out|silent-loop|choices-of|unreachable|overlay|no-site")
"""Faults of an example that is a part of something larger."""
OVERLAY = re.compile(r"# (\w+)\.([a-z]{2})\.yaml$", re.MULTILINE)
MAIN = "flow: main\nstart: tell\nsteps: { tell: { say: We are open., next: done } }\n"
EXAMPLES = [
    pytest.param(page, place, textwrap.dedent(example.body), id=f"{page.name}-{place}")
    for page in MANUAL
    for place, example in enumerate(examples(page))
    if example.language == "yaml"
]


def keys(body):
    return re.findall(r"^([\w+]+):", body, flags=re.MULTILINE)


def above(page, place):
    """The flow above an example on its page."""
    flows = [each.body for each in examples(page)[:place] if keys(each.body)[:1] == ["flow"]]
    assert flows, "talks and words of another language need their flow above them on the page"
    return flows[-1]


def files(body, flow=""):
    """The files that an example stands for; ``flow``: the one above it."""
    if overlay := OVERLAY.match(body):
        mains = files(flow)
        tongue = f"languages: {{ {overlay[2]}: {{}} }}\n"
        return {**mains, "site.yaml": mains["site.yaml"] + tongue, f"{overlay[1]}.{overlay[2]}.yaml": body}
    first = re.match(r"# ?(\w+)", body)
    kind = first[1] if first else ""
    if "flow" in keys(body)[:1]:
        name = re.search(r"^flow: *(\w+)", body, re.MULTILINE)[1]
        return {"site.yaml": (SITE + QUEUES).replace("entry: main", f"entry: {name}"), f"{name}.yaml": body}
    if kind == "look_ups" or keys(body) == ["look_ups"]:
        return {"site.yaml": SITE + QUEUES, "main.yaml": MAIN, "look_ups.yaml": body}
    if kind == "site" or set(keys(body)) <= Site.model_fields.keys():
        rest = [block for block in re.split(r"^(?=\w)", SITE + QUEUES, flags=re.MULTILINE) if block]
        kept = [block for block in rest if block.partition(":")[0] not in keys(body)]
        return {"site.yaml": "".join(kept) + body, "main.yaml": MAIN}
    steps = textwrap.indent(body, "  ")
    return {"site.yaml": SITE + QUEUES, "main.yaml": f"flow: main\nstart: {keys(body)[0]}\nsteps:\n{steps}"}


def faults(body, flow=""):
    try:
        parse(files(body, flow))
    except FlowError as error:
        return [str(fault) for fault in error.faults if not ELSEWHERE.match(fault.code)]
    return []


def is_talks(body):
    return "talks" in keys(body)


@pytest.mark.parametrize(("page", "place", "body"), EXAMPLES)
def test_an_example_is_what_the_manual_says(page: Path, place: int, body: str) -> None:
    if not is_talks(body):
        assert faults(body, above(page, place) if OVERLAY.match(body) else "") == []
        return
    book = parse(files(above(page, place)))
    scripts = read.parse(body, "example.talks.yaml", book, flow=next(iter(book.flows)))
    for script in scripts:
        stage = text.perform(script, book)
        failures = judge(stage)
        assert not failures, told(Result(script, "", stage, failures, 0))


def test_the_first_change_begins_with_what_stands_in_the_sample() -> None:
    shown = next(one.body for one in examples(ROOT / "docs" / "manual" / "first-change.md") if one.language)
    assert shown in (ROOT / "call_flows" / "main.yaml").read_text(encoding="utf-8")


def test_an_example_that_is_wrong_is_seen() -> None:
    assert faults("hello:\n  sai: Hello.\n  next: done\n")
    assert faults("# site\ntimers: { no_inputt: 5s }\n")
    assert faults("hello:\n  say: Hello.\n  next: somewhere\n") == []


def test_the_index_lists_every_page() -> None:
    listed = re.findall(r"\]\((\w[\w-]*\.md)\)", (ROOT / "docs/manual/README.md").read_text(encoding="utf-8"))
    assert {*listed, "README.md"} == {page.name for page in MANUAL}
