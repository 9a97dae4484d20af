"""Draws a flow, or without a name the whole site: as SVG by Graphviz, or as DOT or Mermaid text.

For example:

    ivr graph prove --out prove.svg
    ivr graph --out site.mmd
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from ivr import config
from ivr.cli.out import write
from ivr.errors import IvrError
from ivr.flow import draw, near, picture
from ivr.flow.load import load

FORMATS = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".md": "mermaid"}
"""Which format a file's ending asks for."""
LIMIT_S = 60
"""How long Graphviz may take; a flow of 17 steps takes it 0.1 s."""
INSTALL = "install Graphviz (Debian: apt-get install graphviz), or use --format mermaid"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("flow", nargs="?", help="the flow to draw (default: the site with all its flows)")
    parser.add_argument("--folder", type=Path, help="the flows (default: the folder in the settings)")
    parser.add_argument(
        "--format",
        choices=("svg", "dot", "mermaid"),
        help="default: by the ending of --out; else svg where Graphviz is, mermaid where not",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to the terminal")


def run(args: argparse.Namespace) -> int:
    book = load(args.folder or config.load().flows.folder)
    if args.flow is not None and args.flow not in book.flows:
        raise IvrError(f"found no flow {args.flow!r}; {near.among(args.flow, book.flows)}")
    drawn = picture.of_site(book) if args.flow is None else picture.of_flow(book, book.flows[args.flow])
    text = written(drawn, args.format or _wanted(args.out))
    if args.out is None:
        print(text, end="")
        return 0
    write(args.out, text)
    return 0


def _wanted(out: Path | None) -> str:
    """The format, where none is asked for by name."""
    if out is not None and out.suffix in FORMATS:
        return FORMATS[out.suffix]
    if shutil.which("dot"):
        return "svg"
    print(f"no Graphviz here, so this is Mermaid text; for a picture {INSTALL}", file=sys.stderr)
    return "mermaid"


def written(drawn: picture.Picture, wanted: str) -> str:
    """A picture in one of the formats. Raises IvrError where Graphviz is needed and is not there or fails."""
    match wanted:
        case "mermaid":
            return draw.mermaid(drawn)
        case "dot":
            return draw.dot(drawn)
        case _:
            return draw.styled(_graphviz(draw.dot(drawn)), drawn)


def _graphviz(text: str) -> str:
    program = shutil.which("dot")
    if program is None:
        raise IvrError(f"Graphviz's program dot is not here; {INSTALL}")
    try:
        done = subprocess.run(
            [program, "-Tsvg"], input=text, capture_output=True, encoding="utf-8", timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        raise IvrError(
            f"Graphviz did not draw it within {LIMIT_S} s; split the flow, or use --format mermaid"
        ) from None
    except OSError as error:
        raise IvrError(f"Graphviz did not draw it ({error}); {INSTALL}") from None
    if done.returncode != 0:
        raise IvrError(f"Graphviz did not draw it ({done.stderr.strip()[:200]}); use --format mermaid")
    return done.stdout
