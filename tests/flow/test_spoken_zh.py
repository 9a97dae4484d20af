"""Values in Mandarin as people say them, and Chinese texts in phrases."""

from __future__ import annotations

import pytest

from ivr.flow import spoken, spoken_zh
from ivr.flow.template import TemplateFailed, render, split

NOW = {"now": "2026-11-23T10:00:00+00:00"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ 40718264 | digits }}", "四零七一，八二六四"),
        ("{{ '+44 20 7946 0958' | digits }}", "四四二零，七九四六，零九五八"),
        ("{{ 'AB12' | spell }}", "A，B，一，二"),
        ("{{ 0 | number }}", "零"),
        ("{{ 10 | number }}", "十"),
        ("{{ 12 | number }}", "十二"),
        ("{{ 110 | number }}", "一百一十"),
        ("{{ 1010 | number }}", "一千零一十"),
        ("{{ 1250.5 | number }}", "一千二百五十点五"),
        ("{{ 10010 | number }}", "一万零一十"),
        ("{{ 20001 | number }}", "二万零一"),
        ("{{ 100200300 | number }}", "一亿零二十万零三百"),
        ("{{ 100000000000 | number }}", "一千亿"),
        ("{{ -7 | number }}", "负七"),
        ("{{ 3 | ordinal }}", "第三"),
        ("{{ 2 | count('次') }}", "两次"),
        ("{{ 12 | count('分钟') }}", "十二分钟"),
        ("{{ 2 | count }}", "二"),
        ("{{ '105.20' | money }}", "一百零五英镑二十便士"),
        ("{{ 2 | money('EUR') }}", "两欧元"),
        ("{{ '105.25' | money('CNY') }}", "一百零五元两角五分"),
        ("{{ '-3.05' | money }}", "负三英镑五便士"),
        ("{{ 0 | money }}", "零英镑"),
        ("{{ '2026-12-03' | date }}", "十二月三号星期四"),
        ("{{ '2026-11-24' | on_date }}", "明天"),
        ("{{ '2026-11-23' | date }}", "今天"),
        ("{{ '2027-01-10' | date }}", "二零二七年一月十号星期日"),
        ("{{ '00:00' | time }}", "凌晨零点"),
        ("{{ '09:05' | time }}", "上午九点零五分"),
        ("{{ '12:00' | time }}", "中午十二点"),
        ("{{ '14:15' | time }}", "下午两点十五分"),
        ("{{ '17:30' | time }}", "下午五点半"),
        ("{{ '2026-11-23T23:45:00+00:00' | time }}", "晚上十一点四十五分"),
        ("{{ ['米', '面', '油'] | listing }}", "米、面和油"),
        ("{{ [] | listing }}", "没有"),
    ],
)
def test_as_people_say_it(template: str, said: str) -> None:
    assert render(template, NOW, "zh") == said


def test_it_has_the_filters_that_english_has() -> None:
    assert spoken_zh.FILTERS.keys() == spoken.FILTERS.keys()


@pytest.mark.parametrize("template", ["{{ 'x' | number }}", "{{ 1.5 | ordinal }}", "{{ 1 | money('XXX') }}"])
def test_what_cannot_be_said_is_refused(template: str) -> None:
    with pytest.raises(TemplateFailed):
        render(template, NOW, "zh")


def test_any_other_language_is_said_as_english_is() -> None:
    assert render("{{ 12 | number }}", NOW, "de") == "twelve" == render("{{ 12 | number }}", NOW)


def test_a_text_is_parted_where_a_voice_would_breathe() -> None:
    text = "您好，这里是芬希尔。您的包裹明天到，请您在家等候，谢谢您！Goodbye, then."
    parts = ("您好，这里是芬希尔。", "您的包裹明天到，", "请您在家等候，谢谢您！", "Goodbye, then.")
    assert split(text) == parts
