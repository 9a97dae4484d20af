"""People who work here: adds them, changes what they may do, sets passwords, locks them out, lists them.

Passwords are asked for on the terminal, or read from standard input with --password-stdin; they are never
an argument, where other users of the machine could read them. A new password and `disable` end all sessions.

For example:

    ivr user add ada --name "Ada Holloway" --queues customer_service,complaints
    ivr user change ada --endpoint +447700900123
    ivr user passwd ada
    ivr user list
"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from ivr import config
from ivr.accounts.users import ROLES, User, Users
from ivr.app.desk import open_lookups, open_users
from ivr.errors import IvrError
from ivr.flow.load import load

BROWSER = "browser"
"""The word for an empty endpoint."""
NAME = "as callers and colleagues hear it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    adding = _of_login(
        what.add_parser("add", help="somebody new", description="Adds somebody who works here.")
    )
    adding.add_argument("--name", required=True, help=NAME)
    _add_work(adding, role=("agent",))
    changing = _of_login(
        what.add_parser(
            "change",
            help="name, roles, queues, skills or endpoint",
            description="Changes what is named, at that person's next request; the rest stays as it is.",
        )
    )
    changing.add_argument("--name", help=NAME)
    _add_work(changing, role=None)
    passing = _of_login(
        what.add_parser(
            "passwd", help="set a new password", description="Sets a new password and ends all sessions."
        )
    )
    for each in (adding, passing):
        each.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
    _of_login(
        what.add_parser(
            "disable", help="lock somebody out, now", description="Locks somebody out and ends all sessions."
        )
    )
    _of_login(
        what.add_parser("enable", help="let somebody in again", description="Lets somebody sign in again.")
    )
    what.add_parser(
        "list", help="everybody", description="Lists everybody, with roles, queues, skills and endpoint."
    )


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    users = open_users(settings)
    match args.what:
        case "add":
            user = User(
                args.login, args.name, args.role, args.queues or (), args.skills or (), args.endpoint or ""
            )
            _check_queues(settings, user)
            users.check_new(user)
            users.add(user, _password(args.password_stdin))
            print(f"{user.login} can sign in now.")
        case "change":
            asked = {name: getattr(args, name) for name in ("name", "queues", "skills", "endpoint")}
            asked["roles"] = args.role
            _change(
                settings,
                users,
                args.login,
                {name: value for name, value in asked.items() if value is not None},
            )
        case "passwd":
            users.get(args.login)
            users.set_password(args.login, _password(args.password_stdin))
            print(f"{args.login} has a new password, and is signed out everywhere.")
        case "disable" | "enable":
            users.set_disabled(args.login, args.what == "disable")
            print(f"{args.login} {'is locked out' if args.what == 'disable' else 'can sign in again'}.")
        case "list":
            print("\n".join(table(users.all())))
    return 0


def _of_login(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("login", type=str.casefold, help="the name to sign in with")
    return parser


def _add_work(parser: argparse.ArgumentParser, role: tuple[str, ...] | None) -> None:
    """``role``: where none is said."""
    parser.add_argument(
        "--role", type=_words, default=role, metavar="ROLES", help=f"one or more of {','.join(ROLES)}"
    )
    parser.add_argument("--queues", type=_words, help="whose callers they take: orders,complaints")
    parser.add_argument("--skills", type=_words, help="what they can do: german,refunds")
    parser.add_argument(
        "--endpoint",
        type=_endpoint,
        help=f"where their calls go: {BROWSER}, +447700900123, sip:ada@example.org",
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in text.replace(",", " ").split()))


def _endpoint(text: str) -> str:
    return "" if text == BROWSER else text


def _change(settings: config.Config, users: Users, login: str, asked: dict[str, Any]) -> None:
    if not asked:
        raise IvrError("found nothing to change; say what: --name, --role, --queues, --skills or --endpoint")
    if "queues" in asked or "roles" in asked:
        now = users.get(login)
        _check_queues(
            settings, User(login, now.name, asked.get("roles", now.roles), asked.get("queues", now.queues))
        )
    users.change(login, **asked)
    print("\n".join(table([users.get(login)])))


def _check_queues(settings: config.Config, user: User) -> None:
    """Raises IvrError for a queue that the call flows do not have, and for an agent without any."""
    known = load(settings.flows.folder, open_lookups(settings).signatures()).site.queues
    unknown = [queue for queue in user.queues if queue not in known]
    if unknown:
        raise IvrError(f"found the queues {', '.join(unknown)}; wanted some of {', '.join(known)}")
    if user.has_role("agent") and not user.queues:
        raise IvrError(f"an agent without queues gets no calls; add --queues with some of {', '.join(known)}")


def _password(is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise IvrError("there is no terminal to ask for a password; pipe it in and say --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise IvrError("these were two different passwords; nothing was changed, run it again")
    return password


def table(users: list[User]) -> list[str]:
    """A line for each, under a head; what to do where there is nobody."""
    if not users:
        return ["Nobody yet. Add somebody: ivr user add LOGIN --name NAME --queues QUEUES"]
    rows = [("login", "name", "roles", "queues", "skills", "endpoint", ""), *map(_row, users)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(user: User) -> tuple[str, ...]:
    lists = (",".join(words) or "-" for words in (user.roles, user.queues, user.skills))
    return (user.login, user.name, *lists, user.endpoint or BROWSER, "disabled" if user.is_disabled else "")
