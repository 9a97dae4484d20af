"""Pictures of flows as text: DOT for Graphviz, Mermaid for pages that draw it, and the style of an SVG.

Every word comes from a designer's file and is escaped. Runs no program.
"""

from __future__ import annotations

import html
import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ivr.flow.picture import Box, Kind, Line, Picture

WIDTH = 34
"""Letters of a line; half as many of a script whose signs are twice as wide."""
MAX_TEXT = 110
"""Letters of a text that are shown; the rest is in the tooltip."""
LARGE = 80
"""Boxes above which Graphviz is told to be quick, with straight lines and few rounds: 200 steps with ways to anywhere
take it 5 s so, and more than a minute otherwise."""
_QUICK = "nslimit=2 nslimit1=2 mclimit=0.3 splines=line "
_FONT = "Helvetica,Arial,sans-serif"
_SHAPES: Mapping[Kind, str] = MappingProxyType(
    {
        "begin": 'shape=plain style=""',
        "say": 'shape=box style="rounded,filled" fillcolor="#eef4fb"',
        "question": 'shape=box penwidth=2 fillcolor="#fff4d6"',
        "decision": 'shape=hexagon margin="0.02,0.05" fillcolor="#f1ecfa"',
        "data": 'shape=cylinder fillcolor="#e8f5ec"',
        "flow": 'shape=box peripheries=2 fillcolor="#eef0f3"',
        "keep": 'shape=note fillcolor="#f7f3ea"',
        "person": 'shape=component penwidth=1.5 margin="0.25,0.09" fillcolor="#fde7e1"',
        "end": 'shape=box style="rounded,filled" peripheries=2 penwidth=1.5 fillcolor="#e3e7ec"',
        "done": 'shape=box style="rounded,filled" margin="0.08,0.03" height=0.2 fillcolor="#ffffff"',
        "join": 'shape=box style="rounded,dashed,filled" margin="0.1,0.04" height=0.2 fillcolor="#ffffff"',
    }
)
_MERMAID: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        "begin": ("((", "))"),
        "say": ("(", ")"),
        "question": ("[", "]"),
        "decision": ("{{", "}}"),
        "data": ("[(", ")]"),
        "flow": ("[[", "]]"),
        "keep": (">", "]"),
        "person": ("[/", "\\]"),
        "end": ("(((", ")))"),
        "done": ("([", "])"),
        "join": ("([", "])"),
    }
)
_LINES: Mapping[Line, str] = MappingProxyType({"plain": "solid", "back": "dashed", "missed": "dotted"})
_ARROWS: Mapping[Line, str] = MappingProxyType({"plain": "-->", "back": "-.->", "missed": "-.->"})

STYLE = """
svg { --ink: #1c2530; --quiet: #5a6675; --canvas: #ffffff; --line: #6b7888; --say: #eef4fb; --question: #fff4d6;
  --decision: #f1ecfa; --data: #e8f5ec; --flow: #eef0f3; --keep: #f7f3ea; --person: #fde7e1; --end: #e3e7ec; }
@media (prefers-color-scheme: dark) { svg { --ink: #e8edf3; --quiet: #a9b5c3; --canvas: #12171d; --line: #8b98a8;
  --say: #1b2a3a; --question: #3a3115; --decision: #2b2440; --data: #17301f; --flow: #252b33; --keep: #302a1e;
  --person: #43231b; --end: #2d343d; } }
.graph > polygon { fill: var(--canvas); stroke: none; }
text { fill: var(--ink); }
text[fill="#5a6675"] { fill: var(--quiet); }
.node :is(polygon, path, ellipse, polyline) { stroke: var(--line); }
.say [fill="#eef4fb"] { fill: var(--say); }
.question [fill="#fff4d6"] { fill: var(--question); stroke: var(--ink); }
.decision [fill="#f1ecfa"] { fill: var(--decision); }
.data [fill="#e8f5ec"] { fill: var(--data); }
.flow [fill="#eef0f3"] { fill: var(--flow); }
.keep [fill="#f7f3ea"] { fill: var(--keep); }
.person [fill="#fde7e1"] { fill: var(--person); }
.end [fill="#e3e7ec"] { fill: var(--end); }
.person :is(polygon, path, polyline), .end :is(polygon, path) { stroke: var(--ink); }
.done [fill="#ffffff"], .join [fill="#ffffff"] { fill: var(--canvas); }
.edge path { stroke: var(--line); }
.edge polygon { stroke: var(--line); fill: var(--line); }
"""
"""Light and dark by what the reader's screen is set to. Shapes and lines tell apart what colours do."""


def dot(picture: Picture) -> str:
    """Graphviz's language."""
    ids = _ids(picture)
    lines = [
        "digraph flow {",
        f"  graph [rankdir={'LR' if picture.is_across else 'TB'} nodesep=0.3 ranksep=0.45 pad=0.3 "
        f'{_QUICK if len(picture.boxes) > LARGE else ""}fontname="{_FONT}" bgcolor="#ffffff" '
        f'fontsize=10 fontcolor="#5a6675" label="{_quoted(picture.note)}"]',
        f'  node [fontname="{_FONT}" fontsize=11 margin="0.16,0.09" color="#6b7888" style=filled]',
        f'  edge [fontname="{_FONT}" fontsize=10 color="#6b7888" arrowsize=0.7]',
    ]
    for box in picture.boxes:
        full = " ".join(part for part in (box.title, box.verb, box.text, box.note) if part)
        order = "ordering=out " if box.kind in ("join", "question") else ""
        lines.append(
            f"  {ids[box.id]} [{_SHAPES[box.kind]} {order}class={box.kind} label=<{_table(box)}> "
            f'tooltip="{_quoted(full)}"]'
        )
    for way in picture.ways:
        label = "<br/>".join(_escaped(part) for part in way.label)
        told = f" label=<&#160;{label}&#160;>" if label else ""
        start, end = ids[way.start], ids[way.end]
        if way.line == "back":  # written the other way round, so that the drawing still runs downwards
            start, end, told = end, start, f" dir=back{told}"
        lines.append(f"  {start} -> {end} [style={_LINES[way.line]} class={way.line}{told}]")
    return "\n".join([*lines, "}", ""])


def mermaid(picture: Picture) -> str:
    """Mermaid's language, which many pages and editors draw."""
    ids = _ids(picture)
    lines = [f"flowchart {'LR' if picture.is_across else 'TD'}"]
    for box in picture.boxes:
        opening, closing = _MERMAID[box.kind]
        said = "<br/>".join(_signs(line) for line in _rows(box))
        lines.append(f'  {ids[box.id]}{opening}"{said}"{closing}')
    for way in picture.ways:
        label = "<br/>".join(_signs(part) for part in way.label)
        told = f'|"{label}"|' if label else ""
        lines.append(f"  {ids[way.start]} {_ARROWS[way.line]}{told} {ids[way.end]}")
    return "\n".join([*lines, ""])


def styled(svg: str, picture: Picture) -> str:
    """Graphviz's SVG with our colours, light and dark, and its title for who cannot see it."""
    begin = svg.index("<svg")
    end = svg.index(">", begin) + 1
    head = svg[begin : end - 1] + ' role="img">'
    title = html.escape(" - ".join(part for part in (picture.title, picture.about) if part))
    return f"{head}\n<title>{title}</title>\n<style>{STYLE}</style>{svg[end:]}"


def _ids(picture: Picture) -> Mapping[str, str]:
    """Names that mean nothing in either language, whatever a designer called a step."""
    return {box.id: f"n{number}" for number, box in enumerate(picture.boxes)}


def _rows(box: Box) -> list[str]:
    """The lines of a box as plain text."""
    head = f"{box.title} ({box.verb})" if box.verb and box.verb != box.title else box.title
    return [head, *wrapped(box.text), *wrapped(box.note)]


def _table(box: Box) -> str:
    """The label of a box: its name, its verb, its words."""
    if box.kind in ("begin", "done", "join"):
        return f'<font point-size="10">{_escaped(box.title)}</font>'
    verb = f'  <font color="#5a6675" point-size="9">{_escaped(box.verb)}</font>' if box.verb else ""
    rows = [f"<b>{_escaped(box.title)}</b>{verb}", *map(_escaped, wrapped(box.text))]
    rows += [f'<font color="#5a6675" point-size="9">{_escaped(line)}</font>' for line in wrapped(box.note)]
    cells = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{cells}</table>'


def wrapped(text: str) -> list[str]:
    """A text in short lines, cut where it is long."""
    text = " ".join(text.split())
    is_wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text) * 2 > len(text)
    width, most = (WIDTH // 2, MAX_TEXT // 2) if is_wide else (WIDTH, MAX_TEXT)
    if len(text) > most:
        whole, _, rest = text[:most].rpartition(" ")
        text = (whole if whole and len(rest) < width else text[: most - 1]) + "…"
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _clean(text: str, escape: Callable[[str], str]) -> str:
    """A text without signs that cannot be drawn, each of the others as ``escape`` writes it."""
    return "".join(escape(sign) if sign.isprintable() else " " for sign in text)


def _escaped(text: str) -> str:
    """For a label of HTML; Graphviz reads ``\\N`` in one too."""
    return _clean(text, lambda sign: "\\\\" if sign == "\\" else html.escape(sign))


def _quoted(text: str) -> str:
    return _clean(text, lambda sign: "\\" + sign if sign in '"\\' else sign)


def _signs(text: str) -> str:
    """Mermaid writes any sign by its number; all that means something to it, or to HTML, is written so."""
    return _clean(
        text, lambda sign: sign if sign.isalnum() or sign in " .,;?!'“”…=-_()+" else f"#{ord(sign)};"
    )
