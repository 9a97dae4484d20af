"""A user's own recordings: what a bad list is told, and what a good one measures."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from evaluationkit import BOOK, MAIN, SITE, desk, values

from ivr.audio import wav
from ivr.audio.wav import WavError
from ivr.errors import IvrError
from ivr.evaluation import recordings
from ivr.evaluation.figures import CLEAN
from ivr.flow.load import parse

ASKS = """flow: asks
start: order
steps:
  order: { collect: order, digits: 6, ask: Which?, next: visit }
  visit: { form: { day: { type: date, ask: Day? }, hour: { type: time, ask: Hour? } }, ask: When?, next: done }
"""
ASKING = parse(
    {"site.yaml": SITE.replace("entry: string", "entry: main"), "main.yaml": MAIN, "asks.yaml": ASKS}
)
HEAD = "file,step,want,text\n"


def folder(tmp_path, truths, *sizes):
    """Recordings a.wav, b.wav ... of so many samples, and their list."""
    own = tmp_path / "own"
    own.mkdir()
    for name, size in zip("abcdef", sizes or (8000,), strict=False):
        wav.write(own / f"{name}.wav", (900 * np.sin(np.arange(size) / 4)).astype("<i2").tobytes())
    if truths is not None:
        (own / recordings.TRUTHS).write_bytes(truths if isinstance(truths, bytes) else truths.encode())
    return own


@pytest.mark.parametrize(
    ("truths", "told"),
    [
        (None, "write one with the columns file,step,want,text"),
        ("", "found the columns none; add file,step,want,text"),
        ("file;step;want;text\na.wav;;parcel;\n", "wanted commas between the columns: file,step,want,text"),
        (HEAD + "a.wav,asks.order,4829I3,\n", "truths.csv has 1 fault:\nline 2: found want '4829I3'"),
        (HEAD + "a.wav,asks.order,4829I3,\n", "wanted nothing, or it as it is kept: 482913"),
        (HEAD + "a.wav,asks.visit,next friday,\n", "as it is kept: 2026-12-03 or 17:30"),
        ("file,want\na.wav,parcel\n", "found the columns file,want; add step,text, even if empty"),
        (HEAD, "found 0 recordings; wanted 1 to 20,000"),
        (HEAD + ",,parcel,\n", "line 2: found no file name"),
        (
            HEAD + "z.wav,,parcel,\n",
            "line 2: found no file z.wav; put it into the folder, or take the line out",
        ),
        (HEAD + "../a.wav,,parcel,\n", "line 2: ../a.wav is outside of the folder; put it inside"),
        (HEAD + "a.wav,,,\n", "line 2: found neither want nor text"),
        (HEAD + "a.wav,main.nowhere,parcel,\n", "found no step 'main.nowhere'; wanted flow.step"),
        (HEAD + "a.wav,menu,parcel,\n", "found no step 'menu'; wanted flow.step"),
        (
            HEAD + "a.wav,,pizza,\n",
            "found want 'pizza', which is no choice there; wanted nothing, or one of agent, ba",
        ),
        (HEAD + "truths.csv,,parcel,\n", "truths.csv is no plain PCM WAV file"),
        (HEAD + '"a.wav,,parcel,\n', "unexpected end of data"),
        (b"\xff\xfe\x00file", "wanted a CSV file in UTF-8"),
        (HEAD + "b.wav,,parcel,\n", "b.wav: found 0.0 s of sound; wanted more than 0 and up to 60"),
        (HEAD + "c.wav,,parcel,\n", "c.wav: found 61.0 s of sound"),
    ],
)
def test_a_bad_list_is_told_with_line_and_remedy(tmp_path, truths, told):
    own = folder(tmp_path, truths, 8000, 0, 61 * 8000)
    with pytest.raises(IvrError) as refused:
        recordings.read(own, ASKING)
    assert told in str(refused.value)


def test_what_is_meant_is_read_as_its_field_keeps_it(tmp_path):
    rows = "a.wav,asks.order,482 913,\na.wav,asks.visit,9:30,\na.wav,asks.order,nothing,\n"
    own = folder(tmp_path, HEAD + rows)
    assert [truth.want for truth in recordings.read(own, ASKING)] == ["482913", "09:30", "nothing"]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(IvrError, match=r"found no .*truths\.csv"):
        recordings.read(tmp_path / "nowhere", BOOK)


def test_all_faults_are_told_at_once_but_no_endless_list(tmp_path):
    own = folder(tmp_path, HEAD + "z.wav,,parcel,\n" * 30)
    with pytest.raises(IvrError) as refused:
        recordings.read(own, ASKING)
    lines = str(refused.value).splitlines()
    assert "has 30 faults" in lines[0] and len(lines) == 22 and lines[-1] == "... and 10 more"


def test_a_list_as_spreadsheets_write_it_is_read(tmp_path):
    own = folder(
        tmp_path,
        b"\xef\xbb\xbf" + b'file,step,want,text,who\r\na.wav,main.menu,parcel,"my parcel",ann\r\n',
    )
    (truth,) = recordings.read(own, ASKING)
    assert (truth.want, truth.text, truth.file.name) == ("parcel", "my parcel", "a.wav")


def test_recordings_are_judged_by_what_is_known_of_them(tmp_path):
    """Four recordings: right, lost, caught, and one of which only the words are known."""
    truths = (
        HEAD + "a.wav,,parcel,my parcel\nb.wav,main.menu,balance,\nc.wav,,nothing,\nd.wav,,,my blue parcel\n"
    )
    own = folder(tmp_path, truths, 1600, 1760, 1920, 2080)
    one = desk(tmp_path, {"b": "", "c": "", "a": "my parcel", "d": "my parcel"})
    one.ear.voice.texts += ["a", "b", "c", "d"]
    asyncio.run(recordings.measure(one, recordings.read(own, ASKING)))
    assert values(one.report, "your recordings understood")[CLEAN] == (2, 3)
    assert values(one.report, "your recordings: good requests lost")[CLEAN] == (1, 2)
    assert values(one.report, "your recordings: out-of-scope caught")[CLEAN] == (1, 1)
    assert values(one.report, "your recordings: words misheard")[CLEAN] == (1, 5)
    assert [(miss.said, miss.got) for miss in one.report.misses] == [("b.wav", "nothing")]


def test_a_sound_at_another_rate_is_taken(tmp_path):
    own = folder(tmp_path, HEAD + "a.wav,,parcel,\n")
    wav.write(own / "a.wav", bytes(2 * 44_100), 44_100)
    assert len(recordings.read(own, ASKING)) == 1


def test_a_fault_of_a_sound_is_an_error_of_its_kind(tmp_path):
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    with pytest.raises(WavError):
        recordings._sound(tmp_path / "x.wav")
