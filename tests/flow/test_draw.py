"""Pictures of flows: what they show, and that both languages stand whatever designers write."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from ivr.flow import draw, picture
from ivr.flow.load import load, parse
from ivr.flow.picture import Picture
from ivr.flow.plain import plain
from ivr.flow.site import Book

ROOT = Path(__file__).parents[2]
GOOD = Path(__file__).parents[1] / "flows" / "good"
SITE = (GOOD / "site.yaml").read_text(encoding="utf-8").replace('numbers: { "+441632960001": other }', "")
IN_TIME_S = 60
SVG = "{http://www.w3.org/2000/svg}"
BOTH = pytest.mark.parametrize("folder", [GOOD, ROOT / "call_flows"], ids=lambda folder: folder.name)


def book_of(steps: str, site: str = SITE) -> Book:
    return parse({"site.yaml": site, "main.yaml": f"flow: main\nstart: first\nsteps:\n{steps}"})


def drawn(steps: str) -> Picture:
    book = book_of(steps)
    return picture.of_flow(book, book.flows["main"])


def arrows(shown: Picture) -> dict[tuple[str, str], tuple[tuple[str, ...], str]]:
    return {(way.start, way.end): (way.label, way.line) for way in shown.ways}


def svg_of(shown: Picture) -> ElementTree.Element:
    program = shutil.which("dot")
    if program is None:
        pytest.skip("no Graphviz here; scripts/system-packages installs it")
    text = draw.dot(shown)
    done = subprocess.run(
        [program, "-Tsvg"], input=text, capture_output=True, encoding="utf-8", timeout=IN_TIME_S
    )
    assert (done.returncode, done.stderr) == (0, "")
    return ElementTree.fromstring(draw.styled(done.stdout, shown))


def words_of(svg: ElementTree.Element) -> str:
    return " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))


@BOTH
def test_every_step_of_every_flow_is_in_its_picture(folder: Path) -> None:
    book = load(folder)
    for flow in book.flows.values():
        shown = picture.of_flow(book, flow)
        words = words_of(svg_of(shown))
        assert all(name in words for name in flow.steps), flow.flow
        assert all(name in draw.mermaid(shown) for name in flow.steps)


@BOTH
def test_every_flow_is_in_the_picture_of_its_site(folder: Path) -> None:
    book = load(folder)
    words = words_of(svg_of(picture.of_site(book)))
    assert all(name in words for name in book.flows)


def test_ways_are_labelled_by_what_makes_a_call_take_them() -> None:
    shown = drawn("""
  first:
    ask: Which?
    choices:
      red: { phrases: red, key: 1, label: the red one, next: look }
      blue: { phrases: blue, next: bye }
    if_silent: bye
  look: { look_up: colour, found: is_it, not_found: first, failed: bye }
  is_it: { if: colour.is_red, then: sure, else: person }
  sure: { confirm: Sure?, yes: bye, no: first }
  person: { transfer: desk, reason: Not red. }
  bye: { hang_up: "" }
""")
    ways = arrows(shown)
    assert ways["first", "look"] == (("1  the red one",), "plain")
    assert {way.label for way in shown.ways if (way.start, way.end) == ("first", "bye")} == {
        ("blue",),
        ("silent",),
    }
    assert ways["look", "is_it"] == (("found",), "plain")
    assert ways["look", "first"] == (("not found",), "back")
    assert ways["look", "bye"] == (("failed",), "missed")
    assert ways["is_it", "sure"] == (("yes",), "plain")
    assert ways["sure", "first"] == (("no",), "back")
    assert {box.id: box.kind for box in shown.boxes} == {
        "/begin": "begin", "first": "question", "look": "data", "is_it": "decision", "sure": "question",
        "person": "person", "bye": "end",
    }  # fmt: skip


def test_ways_with_the_same_two_ends_are_one_arrow() -> None:
    shown = drawn("""
  first:
    ask: How many?
    choices:
      one: { phrases: one, key: 1, next: done }
      two: { phrases: two, key: 2, next: done }
""")
    assert arrows(shown)["first", "first/done"] == (("1  one", "2  two"), "plain")


def test_choices_that_steps_share_are_drawn_once() -> None:
    shown = drawn("""
  first:
    ask: Which?
    choices:
      red: { phrases: red, next: again }
      blue: { phrases: blue, next: bye }
  again:
    ask: And now?
    choices_of: first
    choices:
      nothing: { phrases: nothing, next: bye }
  bye: { hang_up: "" }
""")
    ways = arrows(shown)
    assert ways["first", "first/choices"] == ((), "plain")
    assert ways["again", "first/choices"] == ((), "back")
    assert ways["first/choices", "bye"][0] == ("blue",)
    assert ways["again", "bye"][0] == ("nothing",)
    assert ("again", "again") not in ways


def test_a_way_back_is_written_so_that_the_drawing_still_runs_downwards() -> None:
    steps = "  first: { say: One., next: second }\n  second: { confirm: Two?, yes: done, no: first }\n"
    text = draw.dot(drawn(steps))
    assert re.search(r"n1 -> n2 \[style=dashed class=back dir=back label=<&#160;no&#160;>\]", text)


def test_a_large_flow_with_ways_to_anywhere_is_drawn_all_the_same() -> None:
    steps = "".join(
        f"  s{n}: {{ confirm: Is it {n}?, yes: s{n + 1}, no: s{n * 37 % 120} }}\n" for n in range(120)
    )
    shown = drawn(f"  first: {{ say: One., next: s0 }}\n{steps}  s120: {{ hang_up: Bye. }}\n")
    assert "s119" in words_of(svg_of(shown))


HOSTILE = '<script>alert(1)</script> "]; } n0 --> x \\" \\N %% --> & &lt; #quot; `b` | ]] ({ 中文'


@pytest.fixture
def hostile() -> Picture:
    book = book_of("  first: { say: Hello, next: done }\n")
    flow = book.flows["main"]
    step = flow.steps["first"].model_copy(update={"say": HOSTILE + "\x1b\u202e"})
    return picture.of_flow(book, flow.model_copy(update={"steps": {"first": step}, "about": HOSTILE}))


def test_hostile_words_are_words_in_the_svg(hostile: Picture) -> None:
    svg = svg_of(hostile)
    assert not [part for part in svg.iter() if part.tag in (f"{SVG}script", "script")]
    words = re.sub(r"\s+", "", words_of(svg))
    assert re.sub(r"\s+", "", HOSTILE) in words


def test_hostile_words_are_words_in_mermaid(hostile: Picture) -> None:
    (line,) = [line for line in draw.mermaid(hostile).splitlines() if "script" in line]
    written = re.fullmatch(r'  n1\("([^"]*)"\)', line)
    assert written
    assert not set(written[1].replace("<br/>", "")) & set('<>"`[]{}|&%\\\x1b\u202e')


def test_a_long_text_is_wrapped_and_cut_at_a_word() -> None:
    lines = draw.wrapped("How wonderful it is to have so very much to say about nothing in particular. " * 3)
    assert max(map(len, lines)) <= draw.WIDTH
    assert lines[-1].endswith("…") and sum(map(len, lines)) < draw.MAX_TEXT
    assert (
        max(map(len, draw.wrapped("请问您想查询余额还是包裹或者您想和我们的客服人员通话呢")))
        <= draw.WIDTH // 2
    )


def test_the_svg_has_a_title_and_colours_for_a_dark_screen() -> None:
    book = load(GOOD)
    svg = svg_of(picture.of_flow(book, book.flows["main"]))
    assert svg.findtext(f"{SVG}title") == "main - Yes and no are words here, never true and false."
    assert "prefers-color-scheme: dark" in (svg.findtext(f"{SVG}style") or "")


@pytest.mark.parametrize("colour", sorted(set(re.findall(r"#[0-9a-f]{6}", "".join(draw._SHAPES.values())))))
def test_every_colour_of_a_box_has_its_dark_one(colour: str) -> None:
    assert f'[fill="{colour}"]' in draw.STYLE


@pytest.mark.parametrize(
    ("template", "read"),
    [
        ("Thank you, {{ identity.name }}.", "Thank you, [name]."),
        ("It is {{ money.tries_left | count('try') }}.", "It is [tries left]."),
        ("We're {% if open %}open{% else %}closed{% endif %} now.", "We're (open / closed) now."),
        ("Paid {{ 'in' if amount > 0 else 'out' }}.", "Paid (in / out)."),
        ("{% if a %}A. {% endif %}To hear it again, say repeat.", "(A.) To hear it again, say repeat."),
        ("How?{% if keys %} Press one.{% endif %}", "How? (Press one.)"),
        ("{{ 1 + 2 }}", "[1]"),
        ("{{ (a) }}", "[...]"),
    ],
)
def test_a_template_is_shown_as_people_read_it(template: str, read: str) -> None:
    assert plain(template) == read


def test_a_site_shows_who_runs_whom_and_which_people_answer() -> None:
    site = SITE.replace("desk: { name: the front desk }", "desk: { name: the front desk, then: after }")
    book = parse(
        {
            "site.yaml": site + "\nhand_back: { again: main }\n",
            "main.yaml": "flow: main\nstart: a\nsteps:\n  a: { run: sub, next: done }\n",
            "sub.yaml": "flow: sub\nstart: a\nsteps:\n  a: { transfer: desk, reason: Why not. }\n",
            "after.yaml": 'flow: after\nstart: a\nsteps:\n  a: { hang_up: "" }\n',
        }
    )
    ways = arrows(picture.of_site(book))
    assert ways["calls", "flow/main"] == ((), "plain") == ways["flow/main", "flow/sub"]
    assert ways["flow/sub", "queue/desk"] == ((), "plain")
    assert ways["queue/desk", "flow/after"] == (("afterwards",), "missed")
    assert ways["agents", "flow/main"] == (("for again",), "missed")


def test_the_picture_in_the_manual_shows_the_flow_as_it_is() -> None:
    svg = ElementTree.parse(ROOT / "docs" / "pictures" / "flow.svg").getroot()
    names = {text.text for text in svg.iter(f"{SVG}text") if text.get("font-weight") == "bold"}
    steps = load(ROOT / "call_flows").flows["prove"].steps
    assert names == steps.keys(), "make it again: ivr graph prove --out docs/pictures/flow.svg"
