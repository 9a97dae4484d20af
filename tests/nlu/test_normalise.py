"""Words in one form, and the digits they may stand for."""

from __future__ import annotations

import pytest

from ivr.nlu.normalise import has_gap, readings, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Um, what's my balance?", "what is my balance"),
        ("I’d like to — er — cancel", "i would like to cancel"),
        ("can't won't didn't I'm they've you'll", "can not will not did not i am they have you will"),
        ("my mum's cheque", "my mum check"),
        ("balance enquiry", "balance inquiry"),
        ("[unk] <noise> uh", ""),
        ("'", ""),
        ("Grüße, 주문 조회", "grüße 주문 조회"),
        ("我要 人工客服。", "我 要 人 工 客 服"),
        ("Fernhill 的账户", "fernhill 的 账 户"),
    ],
)
def test_tokens(text, words):
    assert " ".join(tokens(text)) == words


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("double five oh", "550"),
        ("四 四七 幺二二九七", "44712297"),
        ("triple two", "222"),
        ("treble nought one", "0001"),
        ("twenty three fourteen", "2314"),
        ("twenty", "20"),
        ("nineteen oh five", "1905"),
        ("five hundred", "500"),
        ("five hundred and five", "505"),
        ("five hundred twenty", "520"),
        ("my number is four four seven one", "4471"),
        ("it's 44 71-229", "4471229"),
        ("one two for to", "1242"),
        ("four then five and six", "456"),
        ("double", ""),
        ("I want to go for a walk", ""),
        ("", ""),
    ],
)
def test_spoken_digits(text, digits):
    assert next(iter(readings(tokens(text))), "") == digits


def test_a_leading_oh_may_be_a_sigh():
    assert readings(tokens("oh, nine one")) == ("091", "91")


def test_twenty_three_may_be_two_numbers():
    assert readings(tokens("twenty three")) == ("23", "203")


def test_words_between_digits_make_it_no_number():
    assert has_gap(tokens("I have one question about two things"))
    assert not has_gap(tokens("my number is four and then five please"))
