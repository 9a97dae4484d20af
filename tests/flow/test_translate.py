"""Words in further languages: laid over the main file, judged at their own lines, falling back where they lack."""

from __future__ import annotations

import pytest
from corpus import LOOKUPS, good_files

from ivr.errors import FlowError
from ivr.flow import translate
from ivr.flow.load import parse
from ivr.flow.model import VERBS, Ask, Confirm, Say
from ivr.flow.prompts import SitePrompts
from ivr.flow.site import Site

MAIN_ZH = """\
flow: main
steps:
  hello: { say: 您好。 }
  menu:
    ask: 要查询吗?
    voice: zh-slow
    choices:
      "yes": { phrases: [是, 好的] }
"""
SITE_ZH = """\
prompts: { help: 请说话。, no_match: [听不清。] }
commands: { help: 帮助 }
queues: { desk: { name: 前台 } }
"""


def files(**overlays: str) -> dict[str, str]:
    found = good_files()
    found["site.yaml"] += "languages: { zh: { voice: cmn, name: 中文 } }\nvoice: en-gb\n"
    return found | {name.replace("__", ".") + ".yaml": text for name, text in overlays.items()}


def faults(**overlays: str) -> list[str]:
    with pytest.raises(FlowError) as raised:
        parse(files(**overlays), LOOKUPS)
    return [str(fault) for fault in raised.value.faults]


def test_words_stand_in_the_translated_book_and_what_is_missing_falls_back() -> None:
    book = parse(files(main__zh=MAIN_ZH, site__zh=SITE_ZH), LOOKUPS)
    chinese = book.speaking("zh")
    hello, menu, right = (chinese.flows["main"].steps[name] for name in ("hello", "menu", "right"))
    assert isinstance(hello, Say) and isinstance(menu, Ask) and isinstance(right, Confirm)
    assert hello.say == "您好。" and hello.barge_in == "off"
    assert menu.ask == "要查询吗?" and menu.choices["yes"].phrases == ("是", "好的")
    assert menu.choices["yes"].key == "1" and menu.choices["yes"].next == "account"
    assert right.confirm == book.flows["main"].steps["right"].confirm  # type: ignore[union-attr]
    assert (chinese.site.prompts.help, chinese.site.prompts.wait) == ("请说话。", "Please hold on.")
    assert chinese.site.commands["help"] == ("帮助",) and chinese.site.commands["back"] == ("go back",)
    assert chinese.site.queues["desk"].name == "前台"
    assert chinese.version == book.version and chinese.site.language == "zh"
    assert book.speaking("en") is book and book.speaking("fr") is book


def test_words_of_a_file_that_cannot_be_read_are_not_judged() -> None:
    main = good_files()["main.yaml"]
    unreadable, misshapen = "flow: main\nsteps:\n\thello: {}\n", main.replace("ask: Want", "aks: Want")
    for text, code in ((unreadable, "tab"), (misshapen, "no-verb")):
        with pytest.raises(FlowError) as raised:
            parse(files(main__zh=MAIN_ZH) | {"main.yaml": text}, LOOKUPS)
        assert [(fault.file, fault.code) for fault in raised.value.faults] == [("main.yaml", code)]


def test_borrowed_choices_are_translated_where_they_stand() -> None:
    again = parse(files(main__zh=MAIN_ZH), LOOKUPS).speaking("zh").flows["main"].steps["menu_again"]
    assert isinstance(again, Ask) and again.choices["yes"].phrases == ("是", "好的")


def test_a_voice_speaks_one_language() -> None:
    book = parse(files(main__zh=MAIN_ZH), LOOKUPS)
    voices = {
        language: [book.speaking(language).flows["main"].steps[name].voice for name in ("hello", "menu")]  # type: ignore[union-attr]
        for language in ("en", "zh")
    }
    assert voices == {"en": ["en-gb", "en-gb"], "zh": ["cmn", "zh-slow"]}


def test_the_version_follows_the_words_of_every_language() -> None:
    assert parse(files(main__zh=MAIN_ZH)).version != parse(files(main__zh=MAIN_ZH + "# ...\n")).version


def test_conversations_are_no_part_of_the_book() -> None:
    alone = parse(files())
    assert parse(files(main__talks="talks: [not, read, here")).version == alone.version


@pytest.mark.parametrize(
    ("overlay", "sentence"),
    [
        (
            "steps:\n  hallo: { say: 您好。 }\n",
            "main.zh.yaml:2:3: found 'hallo', which main.yaml does not have; wanted a name that stands there in "
            "main.yaml. Did you mean 'hello'? [overlay]",
        ),
        (
            "steps:\n  hello:\n    sya: 您好。\n",
            "main.zh.yaml:3:5: found the unknown key 'sya'; wanted words only, here say, voice. Did you mean 'say'? "
            "[overlay]",
        ),
        (
            "steps:\n  hello:\n    next: menu\n",
            "main.zh.yaml:3:5: found 'next', which is no words; wanted words only, here say, voice. Leave it to "
            "main.yaml. [overlay]",
        ),
        (
            "steps:\n  menu:\n    choices:\n      yess: { phrases: 是 }\n",
            "main.zh.yaml:4:7: found 'yess', which main.yaml does not have; wanted a name that stands there in "
            "main.yaml. Did you mean 'yes'? [overlay]",
        ),
        (
            "steps:\n  hello: 您好。\n",
            "main.zh.yaml:2:3: found no keys with values; wanted keys with values, indented below it. Write it as it "
            "stands in main.yaml, with the words alone. [type]",
        ),
        (
            "flow: mian\nsteps: {}\n",
            "main.zh.yaml:1:1: found the flow 'mian' in the words of main.yaml; wanted 'flow: main'. Correct it, or "
            "leave it out. [overlay]",
        ),
    ],
)
def test_what_does_not_fit_the_main_file_is_a_fault_at_its_line(overlay: str, sentence: str) -> None:
    assert faults(main__zh=overlay) == [sentence]


def test_a_name_no_template_knows_is_told_at_the_line_of_the_words() -> None:
    (said,) = faults(main__zh="steps:\n  hello:\n    say: 您好 {{ nmae }}。\n")
    assert said.startswith("main.zh.yaml:3:5: found") and "nmae" in said


def test_words_of_another_shape() -> None:
    (said,) = faults(main__zh="steps:\n  hello:\n    say: { a: b }\n")
    assert said.startswith("main.zh.yaml:3:5: found keys with values for 'say'")


def test_words_of_no_file_and_of_no_language() -> None:
    assert faults(mian__zh="steps: {}\n") == [
        "mian.zh.yaml:1:1: found the words of mian.yaml, which does not exist; wanted the words of a flow or of the "
        "site. Did you mean 'main.yaml'? [overlay]"
    ]
    (said,) = faults(main__zhh="steps: {}\n")
    assert "found words in 'zhh'; wanted a language of the site. Did you mean 'zh'?" in said


def test_a_broken_translation_hides_no_fault_of_the_main_file() -> None:
    given = files(main__zh="steps: { hallo: { say: x } }\n")
    given["main.yaml"] = given["main.yaml"].replace("next: menu,", "next: mneu,")
    with pytest.raises(FlowError) as raised:
        parse(given, LOOKUPS)
    assert {(fault.file, fault.code) for fault in raised.value.faults} >= {
        ("main.zh.yaml", "overlay"),
        ("main.yaml", "unknown-step"),
    }


def test_what_is_missing_is_a_warning_where_it_should_stand() -> None:
    found = translate.missing(parse(files(main__zh=MAIN_ZH, site__zh=SITE_ZH), LOOKUPS))
    assert all(fault.is_warning and fault.code == "translation-missing" for fault in found)
    said = [str(fault) for fault in found]
    assert any(
        each.startswith(
            "main.zh.yaml:2:1: warning: found no steps/right/confirm in 'zh'; wanted words in each language. Add "
        )
        for each in said
    )
    assert any(each.startswith("site.zh.yaml:1:1: warning: found no prompts/wait in 'zh'") for each in said)
    assert any(
        each.startswith("other.yaml:1:1: warning: found no other.zh.yaml; wanted the words of other.yaml")
        for each in said
    )
    assert not any("steps/hello" in each or "prompts/help" in each for each in said)
    assert not any("menu_again/choices/yes" in each for each in said), (
        "borrowed words are translated where they stand"
    )


def test_a_site_of_one_language_misses_nothing() -> None:
    assert translate.missing(parse(good_files(), LOOKUPS)) == ()


def test_every_word_of_the_frames_is_a_key_of_the_models() -> None:
    assert translate.OF_STEPS.keys() == VERBS.keys()
    for verb, kind in VERBS.items():
        keys = {field.alias or name for name, field in kind.model_fields.items()}
        assert translate.OF_STEPS[verb].keys() <= keys
    assert translate.OF_SITE.keys() <= Site.model_fields.keys()
    assert translate.OF_SITE["prompts"].keys() == SitePrompts.model_fields.keys()
