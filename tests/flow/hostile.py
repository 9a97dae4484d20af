"""Files that mean harm, each to be refused: run as a program it reads each and tells what that cost.

Every kind stands in place of every file that designers write. ``hostile.py FOLDER`` prints a JSON line for each.
"""

from __future__ import annotations

import gc
import json
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ivr.errors import FlowError
from ivr.flow.load import load
from ivr.rehearsal import read

GOOD = Path(__file__).parent.parent / "flows" / "good"
MEGABYTE = 1_000_000
TALKS = "main.talks.yaml"

OF_YAML: dict[str, bytes] = {
    "a bomb of references": b"a: &a [x, x]\n"
    + b"".join(b"b%d: &b%d [*a, *a, *a]\n" % (n, n) for n in range(30)),
    "a bomb of merged keys": b"a: &a {x: 1}\nb: {<<: *a, y: 2}\n",
    "a reference to itself": b"a: &a [*a]\n",
    "an object to build": b"steps: !!python/object/apply:os.system ['touch owned']\n",
    "a tag of its own": b"steps: !include /etc/passwd\n",
    "ten megabytes": b"# filler\n" * (10 * MEGABYTE // 9),
    "ten megabytes in one line": b"a" * 10 * MEGABYTE,
    "ten megabytes of nothing": bytes(10 * MEGABYTE),
    "a megabyte in one line": b"a: " + b"a" * (MEGABYTE - 10),
    "a megabyte of short values": b"a:\n" + b"- x\n" * (MEGABYTE // 4 - 1),
    "a megabyte of keys": b"".join(b"k%d: 1\n" % n for n in range(90_000)),
    "a megabyte of one key": b"x: 1\n" * (MEGABYTE // 5),
    "a megabyte of empty lines": b"\n" * (MEGABYTE - 1),
    "a megabyte of comments": b"# x\n" * (MEGABYTE // 4),
    "a megabyte of documents": b"---\n" * (MEGABYTE // 4),
    "deep brackets": b"[" * 3_999,
    "deep brackets on many lines": b"[\n" * 400_000,
    "deep braces": b"a: " + b"{a: " * 900,
    "deep lists": b"- " * 1_900 + b"x",
    "deep indentation": b"".join(b" " * n + b"a:\n" for n in range(1_300)),
    "a lot of brackets that close": b"a: [" + b"[],\n" * 200_000 + b"]",
    "a NUL byte": b"flow: a\x00b\n",
    "control characters": b"flow: \x1b[2J\n",
    "UTF-16": "flow: main\n".encode("utf-16"),
    "UTF-16 without a mark": "flow: main\n".encode("utf-16-le"),
    "UTF-32": "flow: main\n".encode("utf-32"),
    "Latin-1": "about: Zürich\n".encode("latin-1"),
    "half a character": b"about: \xe4\xb8\n",
    "a surrogate": b"about: \xed\xa0\x80\n",
    "a long name of a key": b"k" * 3_990 + b": 1\n",
    "a key that is no key": b"? [a, b]\n: c\n",
    "a directive": b"%YAML 9.9\n---\na: b\n",
    "a quote that never ends": b'a: "' + b"x\n" * 400_000,
    "folded text without end": b"a: >\n" + b" x\n" * 300_000,
    "backslashes": b'a: "' + b"\\x41" * 900 + b"\\\n" * 100_000,
}
"""Refused by whatever reads the file, before anybody asks what it says."""


def step(keys: str) -> bytes:
    return f"flow: more\nstart: a\nsteps:\n  a: {{ {keys} }}\n".encode()


def say(text: str) -> bytes:
    return f"flow: more\nstart: a\nsteps:\n  a:\n    next: done\n    say: >-\n      {text}\n".encode()


def steps(count: int, keys: str) -> bytes:
    named = "".join(f"  s{n}: {{ {keys.format(n=n)} }}\n" for n in range(count))
    return f"flow: more\nstart: s0\nsteps:\n{named}".encode()


MANY = 13_000
"""As many keys as a file may have, with their values."""


def keys(before: str, indented: int) -> bytes:
    room = " " * indented
    return (before + "".join(f"{room}unknown_key_{n}: x\n" for n in range(MANY))).encode()


OF_FLOWS: dict[str, bytes] = {
    "the inside of Python": say("{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    "the inside of a function": say("{{ (1).__init__.__globals__ }}"),
    "attributes by name": say("{{ ''|attr('__class__') }}"),
    "a file included": say("{% include '/etc/passwd' %}"),
    "a file extended": say("{% extends '/etc/passwd' %}"),
    "a function": say("{{ range(1000000000) }}"),
    "a loop": say("{% for x in 'aaaa' %}{{ x }}{% endfor %}"),
    "a loop of macros": say("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}"),
    "a gigabyte of text": say("{{ 'a' * 1000000000 }}"),
    "a power": say("{{ 9 ** 9 ** 9 ** 9 }}"),
    "a wide format": say("{{ '%999999999d' % 1 }}"),
    "brackets in a template": say("{{ " + "(" * 1_500 + "1" + ")" * 1_500 + " }}"),
    "signs in a template": say("{{ " + "-" * 3_000 + "1 }}"),
    "filters in a row": say("{{ company" + "|upper" * 600 + " }}"),
    "conditions inside one another": say("{% if company %}" * 240 + "x" + "{% endif %}" * 30),
    "a name out of the folder": b"flow: ../../etc/passwd\nstart: a\nsteps: {}\n",
    "a flow out of the folder": step("run: ../../etc/passwd, next: done"),
    "a look-up out of the folder": step("look_up: ../../etc/passwd, found: done, failed: done"),
    "a time of many digits": step(f"ask: A?, timers: {{ no_input: {'9' * 3_000} }}"),
    "a time with many blanks": step(f'ask: A?, timers: {{ no_input: "{" " * 3_000}x" }}'),
    "a number of many digits": step(f"ask: A?, misses: {'9' * 3_900}"),
    "a number with an exponent": step("ask: A?, misses: 1e999999999"),
    "a number that is none": step("collect: x, ask: A?, next: done, digits: .nan"),
    "an amount without end": step(
        f"collect: x, type: number, ask: A?, next: done, at_least: 1, at_most: {'9' * 3_000}e999999"
    ),
    "a day without end": step(f"collect: x, type: date, ask: A?, next: done, at_most: today+{'9' * 3_000}"),
    "a thousand unknown steps": steps(1_900, "say: Hi., next: somewhere_else_{n}"),
    "a thousand unknown keys": step(", ".join(f"unknown_key_{n}: 1" for n in range(150))),
    "a thousand unknown names": steps(1_900, "say: '{{{{ unknown_name_{n} }}}}', next: s0"),
    "more steps than any flow has": steps(2_100, "say: Hi., next: s0"),
    "a thousand steps that nearly are": (
        b"flow: more\nstart: step_number_0\nsteps:\n"
        + b"".join(b"  step_number_%d: { say: Hi., next: step_numbre_%d }\n" % (n, n) for n in range(1_900))
    ),
    "a thousand fields that nearly are": steps(1_900, "say: 'Hi {{{{ accuont.x{n} }}}}', next: s0"),
    "thousands of unknown keys of a flow": keys("flow: more\nstart: a\nsteps: {}\n", 0),
    "thousands of unknown keys of a step": keys("flow: more\nstart: a\nsteps:\n  a:\n    say: x\n", 4),
    "thousands of fields of unknown names": keys(
        "flow: more\nstart: a\nsteps:\n  a:\n    next: done\n    set:\n", 6
    ).replace(b": x", b": '{{ who }}'"),
    "a condition that repeats itself": step(f'if: "{"a and " * 900}a", then: done, else: done'),
    "a thousand phrases alike": steps(
        60,
        "ask: A?, choices: {{ a: {{ phrases: ["
        + ", ".join(f"p{n}" for n in range(60))
        + "], next: done }} }}",
    ),
}
"""Refused for what they say."""

OF_TALKS: dict[str, bytes] = {
    "thousands of turns": b"talks:\n  a:\n" + b"    - silent: 600s\n" * 12_000,
    "thousands of unknown keys of a turn": keys("talks:\n  a:\n    - caller: x\n", 6),
    "thousands of unknown keys of a talk": keys("talks:\n  a:\n    turns: [{ bot: x }]\n", 4),
    "thousands of unknown steps": b"talks:\n  a:\n" + b"    - step: nowhere\n" * 1_990,
    "a thousand talks of a thousand unknown look-ups": (
        b"given:\n  look_ups:\n"
        + b"".join(b"    k%d: found\n" % n for n in range(1_000))
        + b"talks:\n"
        + b"".join(b"  t%d: [{ bot: x }]\n" % n for n in range(1_000))
    ),
}
"""Conversations, refused for what they say."""

OF_SITE: dict[str, bytes] = {
    "hours without end": b"company: A\nhours: { mon: '" + b"08:00-09:00," * 300 + b"' }\n",
    "a zone out of the folder": b"company: A\ntime_zone: ../../../../etc/passwd\n",
    "thousands of unknown keys of the site": keys("company: A\n", 0),
    "hundreds of languages": b"languages:\n"
    + b"".join(b"  %c%c: {}\n" % (97 + n // 26, 97 + n % 26) for n in range(676)),
    "a zone of no name": b'company: A\ntime_zone: "\\0"\n',
}

ROLES = {
    "a flow": "hostile.yaml",
    "the site": "site.yaml",
    "words in a language": "main.zh.yaml",
    "look-ups": "look_ups.yaml",
    "conversations": TALKS,
}


def cases() -> Iterator[tuple[str, str, bytes]]:
    """What it is, the file it stands in, and the file."""
    for role, name in ROLES.items():
        for kind, content in OF_YAML.items():
            yield f"{role}: {kind}", name, content
    for kind, content in OF_FLOWS.items():
        yield f"a flow: {kind}", "hostile.yaml", content
    for kind, content in OF_SITE.items():
        yield f"the site: {kind}", "site.yaml", content
    for kind, content in OF_TALKS.items():
        yield f"conversations: {kind}", TALKS, content
    yield "words in a language: thousands of unknown keys", "main.zh.yaml", keys("steps:\n  menu:\n", 4)


def main(folder: Path) -> None:
    book = load(GOOD)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number, (case, name, content) in enumerate(cases()):
        flows = folder / str(number)
        shutil.copytree(GOOD, flows)
        (flows / name).write_bytes(content)
        began = time.process_time()
        try:
            if name == TALKS:
                read.load([flows / name], book)
            else:
                load(flows)
            said = []
        except FlowError as error:
            said = [str(fault) for fault in error.faults if fault.file == name]
        taken_s = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told = {
            "case": case,
            "s": taken_s,
            "kb": peak - before,
            "total_kb": peak,
            "said": said[:3],
            "faults": len(said),
        }
        print(json.dumps(told), flush=True)
        shutil.rmtree(flows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
