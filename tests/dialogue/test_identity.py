"""Steps that need a caller who is known: led to the proof first, and no way around it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sitekit import book
from talkkit import STARTED, Talk

from ivr.actions import Enqueue, Lookup, Ticket
from ivr.dialogue.callback import begin_callback
from ivr.dialogue.engine import where
from ivr.flow.model import Identity
from ivr.flow.site import Book

MAIN = """
flow: main
start: menu
steps:
  menu:
    ask: What would you like?
    open: true
    choices:
      balance: { key: 1, phrases: [balance], next: balance }
      hours: { key: 2, phrases: [hours], next: hours }
      enough: { key: 4, phrases: [that was all], next: done }
      nine: { key: 3, phrases: [other account], next: other }
  other:
    collect: account
    ask: Which account?
    digits: 2
    next: balance
  balance:
    look_up: balance
    with: { account: "{{ account }}" }
    needs: pin
    found: tell
    failed: sorry
  tell:
    say: You have {{ balance.amount }}.
    next: menu
  hours:
    say: We are open.
    next: menu
  sorry:
    say: Not now.
    next: menu
"""
PROVE = """
flow: prove
about: Account and PIN.
start: account
steps:
  account:
    collect: account
    ask: Your account number?
    digits: 2
    next: pin
  pin:
    collect: pin
    ask: Your PIN?
    digits: 2
    secret: true
    next: verify
  verify:
    look_up: verify
    with: { account: "{{ account }}", pin: "{{ pin }}" }
    into: identity
    proves: pin
    proves_if: identity.verified
    found: done
    failed: done
"""
SITE = "identify: { pin: prove }\nhand_back: { main: main, menu: main }\n"


@pytest.fixture(scope="module")
def bank() -> Book:
    return book(MAIN, PROVE, site=SITE)


def at(talk: Talk) -> str:
    return where(talk.state)


def prove(talk: Talk, keys: str = "4711", is_right: bool = True) -> None:
    talk.presses(keys)
    talk.looked_up(verified=is_right, name="Ann Lee")


def test_who_is_not_known_proves_it_first_and_goes_on_where_it_was_needed(bank: Book) -> None:
    talk = Talk(bank)
    talk.presses("1")
    assert at(talk) == "prove.account"
    prove(talk)
    (asked,) = talk.of(Lookup)
    assert (asked.name, asked.parameters) == ("balance", {"account": "47"})
    assert (talk.state.identity, talk.state.name, talk.state.asides) == ("pin", "Ann Lee", ())
    assert "pin" not in talk.state.fields


def test_who_is_known_is_not_asked_again(bank: Book) -> None:
    talk = Talk(bank)
    talk.presses("1")
    prove(talk)
    talk.looked_up(amount="5")
    talk.presses("1")
    assert at(talk) == "main.balance"


@pytest.mark.parametrize("is_answered", [True, False])
def test_who_cannot_prove_it_gets_a_person(bank: Book, is_answered: bool) -> None:
    talk = Talk(bank)
    talk.presses("14711")
    talk.looked_up(is_answered, verified=False)
    (queued,) = talk.of(Enqueue)
    assert (queued.ticket.reason, queued.ticket.identity) == (
        "The caller could not prove who they are.",
        "none",
    )


def test_or_goes_where_the_step_says() -> None:
    main = MAIN.replace("needs: pin", "needs: pin\n    if_refused: hours")
    talk = Talk(book(main, PROVE, site=SITE))
    talk.presses("1")
    prove(talk, is_right=False)
    assert at(talk) == "main.menu" and "We are open" in talk.words()


def test_where_nothing_proves_so_much_there_is_a_person_at_once(bank: Book) -> None:
    talk = Talk(book(MAIN.replace("needs: pin", "needs: agent"), PROVE, site=SITE))
    talk.presses("1")
    assert talk.state.phase == "waiting"


def test_a_flow_for_a_higher_level_serves_a_lower_one() -> None:
    talk = Talk(book(MAIN.replace("needs: pin", "needs: caller_id"), PROVE, site=SITE))
    talk.presses("1")
    prove(talk)
    assert (at(talk), talk.state.identity) == ("main.balance", "pin")


def test_a_proof_holds_for_what_it_was_given_for_and_nothing_else(bank: Book) -> None:
    talk = Talk(bank)
    talk.presses("1")
    prove(talk)
    talk.looked_up(amount="5")
    talk.presses("347")
    assert at(talk) == "main.balance", "the same account"
    talk.looked_up(amount="5")
    talk.presses("399")
    assert (at(talk), talk.state.identity) == ("prove.account", "none"), "somebody else's account"
    assert talk.state.name == ""


RUNS = """
flow: main
start: balance
steps:
  balance:
    run: balance
    needs: pin
    next: done
"""
INNER = """
flow: balance
start: which
steps:
  which:
    collect: account
    ask: Which account?
    digits: 2
    next: balance
  balance:
    look_up: balance
    with: { account: "{{ account }}" }
    found: which
    failed: done
"""


def test_a_flow_that_is_run_for_known_callers_only_is_for_them_from_end_to_end() -> None:
    talk = Talk(book(RUNS, INNER, PROVE, site="identify: { pin: prove }\n"))
    prove(talk)
    talk.presses("47")
    assert at(talk) == "balance.balance"
    talk.looked_up(amount="5")
    talk.presses("99")
    assert at(talk) == "prove.account", "nobody has proved to hold this account"
    prove(talk, "9911")
    assert at(talk) == "balance.balance" and talk.of(Lookup)[0].parameters == {"account": "99"}


def test_a_flow_that_proves_and_itself_needs_the_proof_does_not_go_round(bank: Book) -> None:
    needy = PROVE.replace("    ask: Your account number?", "    ask: Your account number?\n    needs: pin")
    talk = Talk(book(MAIN, needy, site=SITE))
    talk.presses("1")
    assert talk.state.phase == "waiting"
    needy = needy.replace("needs: pin", "needs: pin\n    if_refused: pin")
    talk = Talk(book(MAIN, needy, site=SITE))
    talk.presses("1")
    assert (at(talk), len(talk.state.asides)) == ("prove.pin", 1)


class TestNoWayAround:
    """Whatever a caller does, the balance is not looked up before the PIN was right."""

    @pytest.fixture(autouse=True)
    def never(self, bank: Book) -> None:
        self.talk = Talk(bank)

    def asked(self) -> bool:
        return any("look up" in line and " balance " in line for line in self.talk.lines)

    def test_go_back_out_of_the_proof(self) -> None:
        self.talk.presses("1")
        self.talk.says("go back")
        assert (at(self.talk), self.talk.state.asides) == ("main.menu", ())
        self.talk.presses("1")
        assert at(self.talk) == "prove.account" and not self.asked()

    def test_go_back_to_a_question_before_the_proof(self) -> None:
        self.talk.presses("3")
        self.talk.presses("47")
        assert at(self.talk) == "prove.account"
        self.talk.says("go back")
        assert at(self.talk) == "main.other"
        self.talk.presses("47")
        assert at(self.talk) == "prove.account" and not self.asked()

    def test_start_over_forgets_who_they_are(self) -> None:
        self.talk.presses("1")
        prove(self.talk)
        self.talk.looked_up(amount="5")
        self.talk.says("start over")
        assert (self.talk.state.identity, self.talk.state.proofs, self.talk.state.name) == ("none", (), "")
        self.talk.presses("1")
        assert at(self.talk) == "prove.account"

    def test_start_over_forgets_what_a_person_has_checked(self) -> None:
        self.talk.says("agent")
        self.talk.answered()
        self.talk.left("handed_back", "menu", identity_checked=True)
        self.talk.says("start over")
        self.talk.presses("1")
        assert at(self.talk) == "prove.account"

    def test_start_over_in_the_middle_of_the_proof(self) -> None:
        self.talk.presses("147")
        self.talk.says("start over")
        assert (at(self.talk), self.talk.state.asides) == ("main.menu", ())
        assert not self.asked()

    def test_keys_typed_ahead(self) -> None:
        self.talk.presses("1111111")
        assert self.talk.state.phase == "looking_up" and not self.asked()

    @pytest.mark.parametrize("keys", ["1", "147", "14711"])
    def test_a_line_that_breaks(self, keys: str) -> None:
        self.talk.presses(keys)
        self.talk.resumes()
        assert at(self.talk).startswith("prove.") and not self.asked()

    def test_a_person_who_hands_them_back(self) -> None:
        self.talk.presses("1")
        self.talk.says("agent")
        self.talk.answered()
        self.talk.left("handed_back", "menu", account="47")
        self.talk.presses("1")
        assert at(self.talk) == "prove.account" and not self.asked()

    def test_a_person_who_has_checked_them_is_proof(self) -> None:
        self.talk.says("agent")
        self.talk.answered()
        self.talk.left("handed_back", "menu", account="47", identity_checked=True)
        self.talk.presses("1")
        assert at(self.talk) == "main.balance" and self.talk.state.identity == "agent"

    def test_a_person_has_checked_them_for_one_account(self) -> None:
        self.talk.says("agent")
        self.talk.answered()
        self.talk.left("handed_back", "menu", account="47", identity_checked=True)
        self.talk.presses("358")
        assert at(self.talk) == "prove.account" and not self.asked()
        assert self.talk.state.identity == "none"

    def test_an_answer_that_says_verified_without_proving_it(self) -> None:
        loose = PROVE.replace("    proves: pin\n    proves_if: identity.verified\n", "")
        self.talk = Talk(book(MAIN, loose, site=SITE))
        self.talk.presses("1")
        prove(self.talk)
        assert self.talk.state.phase == "waiting" and not self.asked()

    def test_picking_up_a_callback(self, bank: Book) -> None:
        ticket = Ticket(
            ticket_id="CA0.t1", call_id="CA0", queue="desk", reason="r", identity="pin", name="Ann Lee",
            fields={"account": "47"}, kind="callback", caller=STARTED.caller,
        )  # fmt: skip
        state = replace(begin_callback(bank, STARTED, ticket), callback=None, phase="starting", stack=())
        self.talk = Talk(bank, state)
        self.talk.presses("1")
        assert at(self.talk) == "prove.account" and not self.asked()


def test_a_person_reads_no_proof_of_another_account() -> None:
    form = "{ account: { digits: 2, ask: Account? }, day: { type: date, ask: Which day? } }"
    flow = MAIN.replace("amount }}.\n    next: menu", "amount }}.\n    next: form")
    talk = Talk(book(f"{flow}  form:\n    form: {form}\n    next: done\n", PROVE, site=SITE))
    talk.presses("1")
    prove(talk)
    talk.looked_up(amount="5")
    assert talk.words().endswith("Which day?") and talk.state.identity == "pin"
    talk.says("no the account is five eight")
    talk.says("agent")
    (enqueue,) = talk.of(Enqueue)
    assert (enqueue.ticket.fields["account"], enqueue.ticket.identity) == ("58", "none")


@pytest.mark.parametrize(
    ("known", "called_from", "level"),
    [
        ("pin", STARTED.caller, "caller_id"),
        ("pin", "+441632960777", "none"),
        ("none", STARTED.caller, "none"),
    ],
)
def test_a_person_who_calls_back_is_not_told_more_than_is_proved(
    bank: Book, known: Identity, called_from: str, level: str
) -> None:
    ticket = Ticket(
        ticket_id="CA0.t1", call_id="CA0", queue="desk", reason="r", identity=known, caller=called_from,
    )  # fmt: skip
    talk = Talk(bank, begin_callback(bank, STARTED, ticket))
    talk.presses("1")
    (queued,) = talk.of(Enqueue)
    assert queued.ticket.identity == level
