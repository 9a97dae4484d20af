"""Passwords: what is accepted as one, and argon2 hashes of them. Keeps none and prints none.

Length is what counts, and that nobody would guess it (NIST SP 800-63B, 5.1.1.2): no rules about kinds of characters.
"""

from __future__ import annotations

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.errors import AccountError

SHORTEST = 10
LONGEST = 256
FEWEST_KINDS = 5
"""Different characters that a password must have."""
RUN = 8
"""Neighbours on the keyboard or in the alphabet that no password may have in a row."""
COMMON = frozenset(
    (
        *(
            "password",
            "passwort",
            "passphrase",
            "letmein",
            "welcome",
            "changeme",
            "administrator",
            "iloveyou",
        ),
        *("sunshine", "princess", "football", "baseball", "superman", "dragon", "monkey", "master", "secret"),
        *("qwerty", "qwertyuiop", "qwertz", "azerty", "asdfghjkl", "zxcvbnm", "trustno", "default", "agent"),
        *("supervisor", "designer", "admin", "frontdesk", "telephone", "callcentre", "callcenter"),
    )
)
"""Words at the head of every list of leaked passwords, and those of this trade."""
_ROWS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's setting for argon2id (Password Storage Cheat Sheet): calls are carried on the same processors."""


def refuse_weak(password: str, login: str, name: str = "") -> None:
    """Raises AccountError with the reason where this is no password for that person."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise AccountError(f"this password has {len(plain)} characters; use {SHORTEST} or more")
    if len(plain) > LONGEST:
        raise AccountError(f"this password has {len(plain)} characters; use at most {LONGEST}")
    if _is_guessable(plain.casefold(), {login.casefold(), *re.findall(r"\w{3,}", name.casefold())}):
        raise AccountError(
            "this password is one of the first that would be guessed; use three or four rare words"
        )


def hash_of(password: str) -> str:
    """A new argon2id hash, with its parameters and its salt."""
    return _HASHER.hash(_plain(password))


def is_right(password: str, hashed: str) -> bool:
    """Whether the hash is this password's. An empty hash is nobody's, and takes as long as any other."""
    if not hashed:
        hash_of(password)
        return False
    try:
        return _HASHER.verify(hashed, _plain(password))
    except (VerificationError, InvalidHashError):
        return False


def is_dated(hashed: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(hashed)


def _plain(password: str) -> str:
    """The same characters whatever keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _is_guessable(password: str, own: set[str]) -> bool:
    letters = re.sub(r"[\W\d_]", "", password)
    rows = (*_ROWS, *(row[::-1] for row in _ROWS))
    has_run = any(row[at : at + RUN] in password for row in rows for at in range(len(row) - RUN + 1))
    return has_run or len(set(password)) < FEWEST_KINDS or letters in COMMON | own
