"""A folder of flow files to a Book that can run, or every fault of every file at once.

``site.yaml``, flows, their words in further languages (``main.zh.yaml``) and ``look_ups.yaml``; conversations
that test a flow (``main.talks.yaml``) are not the book's. Reading the folder is the only I/O; ``parse`` does the
same from texts. Nothing with a fault is ever loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ivr.errors import Fault, FlowError
from ivr.flow import check, near, shape, translate, tree
from ivr.flow.connectors import Connector
from ivr.flow.faults import first
from ivr.flow.inherit import inherit
from ivr.flow.lookups import Signature
from ivr.flow.model import Flow
from ivr.flow.site import Book, Site

SITE = "site.yaml"
LOOK_UPS = "look_ups.yaml"
MAX_FILES = 500
MAX_CHARS = 5_000_000
"""Most characters in all files together; two thousand steps in three languages have about half of it."""
MAX_STEPS = 2_000
"""Most steps in all files together."""


def load(folder: Path, lookups: Mapping[str, Signature] | None = None) -> Book:
    """The Book in ``folder``: ``site.yaml`` and every other ``*.yaml`` beside it.

    With ``lookups`` (by name) their parameters and fields are checked too. Raises FlowError with all faults.
    """
    files, unread = texts(Path(folder))
    return parse(files, lookups, unread)


def parse(
    files: Mapping[str, str],
    lookups: Mapping[str, Signature] | None = None,
    unread: Sequence[Fault] = (),
) -> Book:
    """The Book of texts by file name, one of them ``site.yaml``; ``unread``: why others could not be read.

    Raises FlowError with all faults.
    """
    files = {name: files[name] for name in sorted(files) if not is_talks(name)}
    faults = list(unread)
    sheets: dict[str, shape.Sheet] = {}
    for name, text in files.items():
        root, found = tree.read(text, name)
        faults += found
        if isinstance(root, tree.Mapping):
            sheets[name] = shape.Sheet(name, root)
        elif root is not None or not found:
            faults.append(
                Fault(name, 1, "no keys with values", "a file of 'key: value' lines", _begin(name), "type", 1)
            )
    missing = {fault.file for fault in unread} | (files.keys() - sheets.keys())
    if SITE not in files and SITE not in missing:
        remedy = f"Add {SITE} with the company, its queues and its words."
        faults.append(Fault(SITE, 1, f"no {SITE}", "the file that all flows share", remedy, "no-site"))
    if too_many := _too_many(sheets):
        raise FlowError([*faults, too_many])
    site = shape.site(sheets[SITE]) if SITE in sheets else None
    asked = shape.look_ups(sheets[LOOK_UPS]) if LOOK_UPS in sheets else {}
    if lookups is not None and asked is not None:
        lookups = {**lookups, **asked}
    flows, broken, is_whole = _flows({name: sheet for name, sheet in sheets.items() if _is_flow(name)})
    overlays = _overlays(sheets, site, missing)
    faults += [fault for sheet in sheets.values() for fault in sheet.faults]
    is_whole = is_whole and not missing
    known = lookups if asked is not None and LOOK_UPS not in missing else None
    faults += check.judge(site, flows, known, broken=broken, is_whole=is_whole)
    if faults or site is None or asked is None:
        raise FlowError(first(faults))
    book = _book(site, flows, _version(files), asked)
    translations = {
        language: _translated(book, language, overlays.get(language, {}), sheets, lookups)
        for language in site.languages
    }
    return book.model_copy(update={"translations": translations})


def is_talks(name: str) -> bool:
    """Whether a file holds conversations that test a flow, and so is none of the book's."""
    return name.endswith(".talks.yaml")


def _begin(name: str) -> str:
    """How a file that holds nothing should begin."""
    if name == SITE:
        return "Begin with 'company:' and so on."
    if name == LOOK_UPS:
        return "Begin with 'look_ups:'."
    return "Begin with 'flow:', 'start:' and 'steps:'." if _is_flow(name) else "Begin with 'steps:'."


def _is_flow(name: str) -> bool:
    return name not in (SITE, LOOK_UPS) and name.count(".") < 2


def _book(site: Site, flows: Mapping[str, Flow], version: str, look_ups: Mapping[str, Connector]) -> Book:
    whole = {name: inherit(flow, site) for name, flow in flows.items()}
    return Book(site=site, flows=whole, version=version, look_ups=dict(look_ups))


def _overlays(
    sheets: Mapping[str, shape.Sheet], site: Site | None, missing: Collection[str]
) -> dict[str, dict[str, shape.Sheet]]:
    """By language and name of the file that is translated: that file with the words laid over it.

    Words of a file that is ``missing``, since it could not be read, or is ill-shaped itself are left unjudged.
    """
    found: dict[str, dict[str, shape.Sheet]] = {}
    mains = [name for name in sheets if name == SITE or _is_flow(name)]
    for name, sheet in sheets.items():
        if name in mains or name == LOOK_UPS:
            continue
        stem, _, language = name.removesuffix(".yaml").rpartition(".")
        if (of := f"{stem}.yaml") in missing or (of in sheets and sheets[of].faults):
            continue
        if of not in mains:
            sheet.fault(
                "",
                f"the words of {of}, which does not exist",
                "the words of a flow or of the site",
                near.remedy(of, mains),
                "overlay",
            )
        elif site is not None and language not in site.languages:
            add = f"Add 'languages: {{ {language}: {{}} }}' to {SITE}."
            remedy = near.remedy(language, site.languages, add)
            sheet.fault("", f"words in {language[:40]!r}", "a language of the site", remedy, "overlay")
        else:
            laid = shape.Sheet(name, translate.merged(sheets[of].root, sheet, of=of))
            laid.places = sheet.places
            found.setdefault(language, {})[of] = laid
    return found


def _translated(
    book: Book,
    language: str,
    laid: Mapping[str, shape.Sheet],
    sheets: Mapping[str, shape.Sheet],
    lookups: Mapping[str, Signature] | None,
) -> Book:
    """The book in another language. Raises FlowError for what is wrong with its words alone."""
    whole = {
        name: laid.get(name) or shape.Sheet(name, translate.voiceless(sheet.root))
        for name, sheet in sheets.items()
        if name == SITE or _is_flow(name)
    }
    site = shape.site(whole[SITE])
    flows, _, _ = _flows({name: sheet for name, sheet in whole.items() if name != SITE})
    faults = [fault for sheet in whole.values() for fault in sheet.faults]
    if not faults:
        faults += check.judge(site, flows, lookups)
    if faults or site is None:
        raise FlowError(first(faults))
    voice = site.voice or book.site.languages[language].voice
    site = site.model_copy(update={"language": language, "voice": voice})
    return _book(site, flows, book.version, book.look_ups)


def _flows(sheets: Mapping[str, shape.Sheet]) -> tuple[dict[str, Flow], dict[str, frozenset[str]], bool]:
    """Flows by name, their ill-shaped steps, and whether every file gave a flow."""
    flows: dict[str, Flow] = {}
    broken: dict[str, frozenset[str]] = {}
    is_whole = True
    for sheet in sheets.values():
        flow, bad = shape.flow(sheet)
        if flow is None:
            is_whole = False
        elif flow.flow in flows:
            found = f"a second flow called {flow.flow!r}, the first in {flows[flow.flow].file}"
            sheet.fault("flow", found, "one file for each flow", "Rename one of the two.", "duplicate-flow")
        else:
            flows[flow.flow], broken[flow.flow] = flow, bad
    return flows, broken, is_whole


def texts(folder: Path) -> tuple[dict[str, str], list[Fault]]:
    """The texts of the folder's flow files, and what could not be read."""
    if not folder.is_dir():
        found, remedy = "no such folder", "Create it, or set flows.folder to where the flows are."
        if folder.exists():
            found, remedy = "a file", f"Name the folder that it is in, {folder.parent}."
        raise FlowError([Fault(str(folder), 1, found, "a folder of flow files", remedy, "folder")])
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix in (".yaml", ".yml") and path.name[0] != "." and not is_talks(path.name)
    )
    read: dict[str, str] = {}
    faults: list[Fault] = []
    total = 0
    if len(paths) > MAX_FILES:
        raise FlowError([_too_big(folder, f"{len(paths):,} files", f"at most {MAX_FILES}")])
    for path in paths:
        try:
            read[path.name] = _text(path, folder)
        except FlowError as error:
            faults += error.faults
        total += len(read.get(path.name, ""))
        if total > MAX_CHARS:
            raise FlowError(
                [_too_big(folder, "files of too many characters", f"at most {MAX_CHARS:,} in all")]
            )
    return read, faults


def _too_big(folder: Path, found: str, wanted: str) -> Fault:
    return Fault(str(folder), 1, found, wanted, "Move what is not used out of the folder.", "too-big")


def read_text(path: Path, remedy: str) -> str:
    """A designer's file, UTF-8. ``remedy``: where it is too big. Raises FlowError."""
    try:
        if (size := path.stat().st_size) > tree.MAX_CHARS:
            raise _refused(path, f"{size:,} bytes", f"at most {tree.MAX_CHARS:,}", remedy, "too-big")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"a byte at position {error.start:,} that is not UTF-8"
        raise _refused(path, found, "text in UTF-8", "Save the file as UTF-8.", "encoding") from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> FlowError:
    found = f"a file that cannot be read ({error.strerror or error})"
    return _refused(path, found, "a readable file", "Check the link or the permissions.", "file")


def _refused(path: Path, found: str, wanted: str, remedy: str, code: str) -> FlowError:
    return FlowError([Fault(path.name, 1, found, wanted, remedy, code)])


def _text(path: Path, folder: Path) -> str:
    if path.suffix == ".yml":
        raise _refused(
            path, "the ending .yml", "the ending .yaml", f"Rename it to {path.stem}.yaml.", "ending"
        )
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            raise _refused(
                path,
                "a link that leads out of the folder",
                "a file",
                "Copy the file into the folder.",
                "link",
            )
        if not path.is_file():
            raise _refused(path, "no regular file", "a text file", "Remove it from the folder.", "file")
    except OSError as error:
        raise _unreadable(path, error) from None
    return read_text(path, "Split it into several flows.")


def _too_many(sheets: Mapping[str, shape.Sheet]) -> Fault | None:
    total = 0
    for name, sheet in sheets.items():
        steps = sheet.root.entries.get("steps")
        total += len(steps.entries) if isinstance(steps, tree.Mapping) else 0
        if total > MAX_STEPS:
            wanted, remedy = f"at most {MAX_STEPS:,}", "Remove what no caller reaches, or split the site."
            return Fault(name, 1, f"more than {MAX_STEPS:,} steps in all files", wanted, remedy, "too-big")
    return None


def _version(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()[:12]
