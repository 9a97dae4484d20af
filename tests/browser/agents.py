"""People and callers for the console's browser tests: signed in by session, put in line by the real queue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from playwright.sync_api import Page, expect
from twilio.rest import Client

from ivr import database
from ivr.accounts.sessions import Session, Sessions
from ivr.accounts.users import Role, User, Users
from ivr.actions import MoodEvidence, Ticket, TurnNote
from ivr.agents.distributor import Distributor
from ivr.agents.rules import rules_of
from ivr.flow.load import load
from ivr.store import connect

FLOWS = Path(__file__).parents[2] / "call_flows"
COOKIE = "ivr"
ACCOUNT, TOKEN = "AC" + "0" * 32, "12345"
UPSET = Ticket(
    ticket_id="",
    call_id="",
    queue="complaints",
    reason="Her parcel arrived broken, and nobody has called back for a week",
    intent="complaint",
    caller="+447700900123",
    name="Ada Holloway",
    identity="pin",
    fields={
        "account": "40718264",
        "parcel": "7304518262",
        "status": {"status": "delivered", "last_place": "Leeds"},
    },
    turns=(
        TurnNote(who="bot", text="Hello, this is Fernhill. How can I help you today?", at_ms=0),
        TurnNote(who="caller", text="my parcel arrived broken", at_ms=6_000),
        TurnNote(who="bot", text="I'm sorry to hear that. What is the number on the parcel?", at_ms=9_000),
        TurnNote(who="caller", text="this is the third time I call, it's a disgrace", at_ms=17_000),
        TurnNote(who="bot", text="I'm putting you through to customer care.", at_ms=21_000),
    ),
    mood="upset",
    mood_why="third time, disgrace",
    done=("Checked the PIN", "Looked up the parcel: delivered in Leeds"),
    mood_evidence=MoodEvidence(
        text="this is the third time I call, it's a disgrace",
        at_ms=17_000,
        score=0.82,
        threshold=0.6,
        words=("third time", "disgrace"),
    ),
)


@dataclass
class Counter:
    """The running counter, seen from the test."""

    url: str
    folder: Path
    redis_url: str
    queue: Distributor = field(init=False)
    users: Users = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        self.client = connect(self.redis_url)
        self.queue = Distributor(self.client, rules_of(load(FLOWS).site))
        self.carrier = Client(ACCOUNT, TOKEN)
        self.carrier.api.base_url = (self.folder / "exchange").read_text()
        self.users = Users(database.connect(f"sqlite:///{self.folder / 'people.sqlite'}"))

    def person(
        self, name: str, *roles: Role, queues: tuple[str, ...] = ("complaints",), endpoint: str = ""
    ) -> str:
        """The session id of somebody new; ``name``'s first word is their login."""
        login = name.split()[0].lower()
        user = self.users.find(login)
        if user is None:
            user = self.users.add(
                User(login, name, roles or ("agent",), queues, endpoint=endpoint), "marble kestrel fog"
            )
        return Sessions(self.client).begin(Session(user.login, user.credential))

    def call(self, ticket: Ticket = UPSET, **changes: object) -> Ticket:
        """A caller joins the line."""
        self.count += 1
        name = f"CA{self.count:032x}"
        ticket = replace(ticket, ticket_id=f"{name}.t1", call_id=name, **changes)
        self.queue.join(ticket)
        return ticket

    def clear(self, agent_id: str) -> None:
        """Nobody waits any more, and this person has gone home."""
        for waiting in self.queue.waiting():
            self.queue.leave(waiting.ticket.ticket_id, "caller_hung_up")
        for task in self.queue.tasks():
            self.queue.done(task.ticket.ticket_id, "cleared")
        desk = self.queue.desk(agent_id)
        if desk is not None:
            self.queue.leave(desk.ticket_id, "caller_hung_up")
            self.queue.wrap_up(agent_id, "", "")
            self.queue.sign_out(agent_id)
        self.client.delete(f"ivr:{{q}}:window:{agent_id}")

    def ring(self, agent_id: str) -> str:
        """The agent's telephone rings; the id of the call to it."""
        silence = "<Response><Pause length='60'/></Response>"
        return self.carrier.calls.create(to=f"client:{agent_id}", from_="+15550100", twiml=silence).sid

    def give_up(self, call_sid: str) -> None:
        """The call to a telephone is over."""
        call = self.carrier.calls(call_sid).fetch()
        if call.status in ("ringing", "in-progress"):
            call.update(status="completed")

    def bridge(self, ticket: Ticket) -> None:
        """Both are in the room."""
        self.queue.bridged(ticket.ticket_id, "agent")
        self.queue.bridged(ticket.ticket_id, "caller")


def ready(page: Page) -> Page:
    page.get_by_role("button", name="Ready for calls").click()
    expect(page.locator("#my_state")).to_have_text("Ready")
    return page


def talk(page: Page, counter: Counter) -> Ticket:
    """In a call with Ada."""
    return accept(page, counter, counter.call())


def accept(page: Page, counter: Counter, ticket: Ticket) -> Ticket:
    page.locator("#accept").wait_for()
    settle(page)
    page.locator("#accept").click()
    expect(page.locator("#my_state")).to_have_text("In a call")
    counter.bridge(ticket)
    expect(page.get_by_text("Talking")).to_be_visible()
    settle(page)
    return ticket


def settle(page: Page) -> None:
    """As long as a person takes at least to see that the buttons have changed."""
    page.wait_for_timeout(550)
