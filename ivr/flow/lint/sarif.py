"""Findings as SARIF 2.1.0 (OASIS), which editors and build servers show at their lines.

Pure: where the files stand is told by whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ivr.errors import Fault
from ivr.flow.lint.codes import CODES

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
NAME = "ivr lint"


def sarif(findings: Iterable[Fault], uri_of: Callable[[str], str], version: str) -> dict[str, Any]:
    """One run with all findings. ``uri_of`` gives a file's URI; ``version`` is this program's."""
    index = {code: number for number, code in enumerate(CODES)}
    rules = [
        {
            "id": code,
            "shortDescription": {"text": about.meaning},
            "defaultConfiguration": {"level": _level(about.is_warning)},
        }
        for code, about in CODES.items()
    ]
    driver = {"name": NAME, "version": version, "rules": rules}
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, uri_of, index) for finding in findings],
            }
        ],
    }


def _result(finding: Fault, uri_of: Callable[[str], str], index: dict[str, int]) -> dict[str, Any]:
    region = {"startLine": finding.line} | ({"startColumn": finding.column} if finding.column else {})
    place = {"artifactLocation": {"uri": uri_of(finding.file)}, "region": region}
    return {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": _level(finding.is_warning),
        "message": {"text": f"Found {finding.found}; wanted {finding.wanted}. {finding.remedy}"},
        "locations": [{"physicalLocation": place}],
    }


def _level(is_warning: bool) -> str:
    return "warning" if is_warning else "error"
