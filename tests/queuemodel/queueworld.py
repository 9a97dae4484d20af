"""Small worlds of queues, people and callers in which anything may happen, and the same happening to the real
distributor and to the model of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from queuefacts import Told, Violation, must
from queuemodel import Model

from ivr.actions import Ticket
from ivr.agents.distributor import PREFIX, Distributor
from ivr.agents.rules import Overflow, Rules
from ivr.agents.shapes import Agent, News
from ivr.errors import QueueError

BEGIN_MS = 1_800_000_000_000
LOOK_EVERY = 100
"""After so many steps everything is compared, not only what the step may have touched."""
SKILLS = ("german", "legal")
STRATEGIES = ("longest_idle", "ring_all", "fewest_calls", "round_robin", "least_talk", "linear", "random")
REFUSALS = ("declined", "no_answer", "busy", "voicemail", "failed", "carrier", "agent_lost", "rescinded")
OF_PERSON = {
    "offered",
    "refused",
    "rescinded",
    "accepted",
    "ringing",
    "held",
    "unheld",
    "transferred",
    "agent_state",
}
OF_REASON = {"refused", "rescinded", "left", "ended", "overflowed", "departed"}

Step = tuple[str | int, ...]
"""What happens, and to whom, in names that mean the same in every run of the same world."""


@dataclass(frozen=True)
class Setting:
    """What one world is made of."""

    rules: dict[str, Rules]
    agents: tuple[Agent, ...]

    @staticmethod
    def drawn(chance: random.Random) -> Setting:
        names = ("sales", "help", "bills")[: chance.randint(1, 3)]
        agents = tuple(
            Agent(
                agent_id=f"P{number}",
                name=f"Person {number}",
                queues=tuple(chance.sample(names, chance.randint(1, len(names)))),
                skills=tuple(skill for skill in SKILLS if chance.random() < 0.5),
                endpoint=chance.choice(("", f"+4420794600{number:02}")),
                position=chance.randint(0, 2),
            )
            for number in range(chance.randint(1, 6))
        )
        return Setting({name: _rules(chance, names) for name in names}, agents)


def _rules(chance: random.Random, names: tuple[str, ...]) -> Rules:
    to = (*names, "callback", "message")
    return Rules(
        strategy=chance.choice(STRATEGIES),
        ring_ms=15_000,
        at_once=chance.choice((1, 1, 1, 2, 3)),
        wrap_up_ms=chance.choice((0, 10_000, 30_000)),
        skills=chance.choice(((), (), ("german",))),
        relax_ms=chance.choice((0, 20_000, 60_000)),
        max_size=chance.choice((2, 5, 40)),
        overflow=Overflow(
            after_ms=chance.choice((0, 0, 45_000)),
            to=chance.choice(to),
            when_nobody=chance.choice(("", *to)),
            when_full=chance.choice(("", *to)),
        ),
    )


class World:
    """One history, told to both."""

    def __init__(self, client: redis.Redis, setting: Setting) -> None:
        client.flushdb()
        self.client = client
        self.setting = setting
        self.model = Model(setting.rules)
        self.model.now_ms = BEGIN_MS
        self.real = Distributor(client, setting.rules, lambda: self.model.now_ms)
        self.agents = {agent.agent_id: agent for agent in setting.agents}
        self.read = "0"
        self.steps = 0
        self.over: list[str] = []
        """Offers that are over."""

    def do(self, step: Step) -> None:
        """Let it happen to both and compare. Raises Violation."""
        model = self.model
        model.told, model.changed = [], set()
        open_before = {offer for caller in model.callers.values() for offer in caller.offers}
        what, *args = step
        if what == "passes":
            model.now_ms += int(args[0])
            return
        try:
            getattr(self, f"_{what}")(*args)
        except QueueError as error:
            raise Violation(f"the real queue gave up: {error}") from error
        news = self.real.news(self.read)
        if news:
            self.read = news[-1].news_id
        for line in news:
            if line.kind in ("offered", "dialing") and line.offer_id not in open_before:
                model.offer(line.offer_id, line.ticket_id, line.agent_id)
        open_now = {offer for caller in model.callers.values() for offer in caller.offers}
        self.over = [*self.over, *sorted(open_before - open_now)][-20:]
        self._compare_news(news)
        model.nothing_is_left_undone()
        self.steps += 1
        if self.steps % LOOK_EVERY == 0:
            self.look_at_everything()
        else:
            self._look_at_stored({*model.changed, *(str(arg) for arg in args)})

    def _look_at_stored(self, names: set[str]) -> None:
        """What Redis holds of these, in one question: what ``_look_at`` sees, faster."""
        tickets, people = names & self.model.callers.keys(), names & self.model.people.keys()
        pipe = self.client.pipeline(transaction=False)
        for name in tickets:
            pipe.hmget(f"{PREFIX}:ticket:{name}", "state", "agent_id", "tries", "queue", "joined_ms", "kind")
            pipe.smembers(f"{PREFIX}:offers:{name}")
        for name in people:
            pipe.hmget(f"{PREFIX}:agent:{name}", "state", "pending", "ticket_id", "calls", "talk_ms")
        answers = iter(pipe.execute())
        for name in tickets:
            one = self.model.callers[name]
            wanted = [one.state, one.person, str(one.tries), one.queue, str(one.joined_ms), one.kind]
            real, offers = next(answers), next(answers)
            must(real == wanted, f"{name} is {real}, should be {wanted}")
            must(offers == set(one.offers), f"{name} has the offers {offers}, should have {set(one.offers)}")
        for name in people:
            person = self.model.people[name]
            wanted = [person.state, person.pending, person.ticket, str(person.calls), str(person.talk_ms)]
            real = next(answers)
            must(real == wanted, f"{name} is {real}, should be {wanted}")

    def look_at_everything(self) -> None:
        for name in (*self.model.callers, *list(self.model.ended)[-20:], *self.model.people):
            self._look_at(name)
        for queue in self.setting.rules:
            real = [waiting.ticket.ticket_id for waiting in self.real.waiting(queue)]
            wanted = [caller.name for caller in self.model.line(queue)]
            must(real == wanted, f"the line {queue} is {real}, should be {wanted}")

    def _compare_news(self, news: list[News]) -> None:
        real = Counter(map(_told, news))
        wanted = Counter(_short(line) for line in self.model.told)
        must(real == wanted, f"told too much: {list(real - wanted)}; too little: {list(wanted - real)}")

    def _look_at(self, name: str) -> None:
        if name in self.model.callers:
            self._look_at_caller(name)
        elif name in self.model.ended:
            must(self.real.held(name) is None, f"{name} is over and still there")
        elif name in self.model.people:
            self._look_at_person(name)

    def _look_at_caller(self, name: str) -> None:
        caller, held = self.model.callers[name], self.real.held(name)
        must(held is not None, f"{name} is lost")
        assert held is not None
        real = (held.state, held.agent_id, {one.offer_id: one.agent_id for one in held.offers})
        wanted = (caller.state, caller.person, caller.offers)
        must(real == wanted, f"{name} is {real}, should be {wanted}")
        facts = (held.tries, set(held.declined), held.ticket.queue, held.ticket.joined_ms, held.ticket.kind)
        should = (caller.tries, caller.declined, caller.queue, caller.joined_ms, caller.kind)
        must(facts == should, f"{name} has {facts}, should have {should}")

    def _look_at_person(self, name: str) -> None:
        person, desk = self.model.people[name], self.real.desk(name)
        must(desk is not None, f"{name} is lost")
        assert desk is not None
        offers = [one.offer_id for one in desk.offers]
        real = (desk.state, desk.pending, desk.ticket_id, offers, desk.calls, desk.talk_ms)
        is_offered = person.state in ("reserved", "ringing")
        mine = [person.offer] if is_offered else []
        wanted = (person.state, person.pending, person.ticket, mine, person.calls, person.talk_ms)
        must(real == wanted, f"{name} is {real}, should be {wanted}")

    # what may happen

    def _join(self, name: str, call: str, number: str, queue: str, priority: int, skills: str) -> None:
        wants = tuple(skills.split())
        self.model.join(name, call, number, queue, priority, wants)
        ticket = Ticket(
            ticket_id=name,
            call_id=call,
            caller=number,
            queue=queue,
            priority=priority,
            skills=wants,
            reason="r",
        )
        place = self.real.join(ticket)
        self._compare_place(name, place.position, place.size)

    def _check(self, name: str) -> None:
        place = self.real.check(name)
        caller = self.model.callers.get(name)
        is_waiting = caller is not None and caller.state in ("waiting", "offered")
        must((place is not None) == is_waiting, f"{name} has the place {place}, should wait: {is_waiting}")
        if place is not None:
            self._compare_place(name, place.position, place.size)

    def _compare_place(self, name: str, position: int, size: int) -> None:
        line = [one.name for one in self.model.line(self.model.callers[name].queue)]
        wanted = (line.index(name) + 1 if name in line else 0, len(line))
        must((position, size) == wanted, f"{name} has place {(position, size)}, should have {wanted}")

    def _leave(self, name: str, reason: str) -> None:
        self._same("leave", self.real.leave(name, reason), self.model.leave(name, reason))

    def _leave_call(self, call: str, reason: str) -> None:
        self._same("leave_call", self.real.leave_call(call, reason), self.model.leave_call(call, reason))

    def _book(self, name: str, number: str) -> None:
        real, wanted = self.real.book_callback(name, number), self.model.book(name, number)
        must(real == wanted, f"booking said {real!r}, should say {wanted!r}")

    def _dialed(self, name: str, call: str) -> None:
        self._same("dialed", self.real.dialed(name, call), self.model.dialed(name, call))

    def _unanswered(self, name: str, reason: str) -> None:
        self._same("unanswered", self.real.unanswered(name, reason), self.model.unanswered(name, reason))

    def _message(self, name: str) -> None:
        self._same(
            "message", self.real.leave_message(name, "R1", "words", 1000), self.model.leave_message(name)
        )

    def _done(self, name: str) -> None:
        self._same("done", self.real.done(name, "solved"), self.model.done(name, "solved"))

    def _sign_in(self, name: str) -> None:
        agent = self.agents[name]
        has_page = not agent.endpoint
        self.model.sign_in(name, agent.queues, frozenset(agent.skills), has_page, agent.position)
        self.real.sign_in(agent, "page" if has_page else "")

    def _choose(self, name: str, wish: str) -> None:
        person = self.model.people.get(name)
        if person is None or (person.state == "offline" and wish != "offline"):
            return
        self.model.choose(name, wish)
        self.real.choose(name, wish, "lunch")  # type: ignore[arg-type]

    def _beat(self, name: str) -> None:
        self._same("beat", self.real.beat(name, "page"), self.model.beat(name))

    def _wrap_up(self, name: str) -> None:
        if name in self.model.people:
            self.model.wrap_up(name)
            self.real.wrap_up(name, "solved", "")

    def _extend(self, name: str, by_ms: int) -> None:
        if name in self.model.people:
            self.model.extend_wrap_up(name, by_ms)
            self.real.extend_wrap_up(name, by_ms)

    def _rang(self, name: str) -> None:
        offer = self._offer_of(name)
        self._same("rang", self.real.rang(offer, "CA-leg"), self.model.rang(offer))

    def _accept(self, name: str, by: str) -> None:
        """The offer that ``name`` has, accepted by ``by``."""
        offer = self._offer_of(name)
        real = self.real.accept(offer, by)
        wanted = self.model.accept(offer, by)
        self._same("accept", real is not None, wanted)
        if real is not None:
            must(real.ticket.ticket_id == self.model.people[by].ticket, f"{by} accepted another's caller")

    def _accept_old(self, number: int, by: str) -> None:
        """A page that is old: an offer that is over is accepted."""
        if self.over:
            offer = self.over[number % len(self.over)]
            self._same("accept", self.real.accept(offer, by) is not None, self.model.accept(offer, by))

    def _refuse(self, name: str, reason: str) -> None:
        offer = self._offer_of(name)
        self._same("refuse", self.real.refuse(offer, reason), self.model.refuse(offer, reason))  # type: ignore[arg-type]

    def _refuse_old(self, number: int, reason: str) -> None:
        if self.over:
            offer = self.over[number % len(self.over)]
            self._same("refuse", self.real.refuse(offer, reason), self.model.refuse(offer, reason))  # type: ignore[arg-type]

    def _bridged(self, name: str, who: str) -> None:
        self._same("bridged", self.real.bridged(name, who), self.model.bridged(name, who))  # type: ignore[arg-type]

    def _hold(self, name: str) -> None:
        self._same("hold", self.real.hold(name), self.model.hold(name, True))

    def _unhold(self, name: str) -> None:
        self._same("unhold", self.real.unhold(name), self.model.hold(name, False))

    def _depart(self, name: str, reason: str) -> None:
        self._same("depart", self.real.depart(name, reason), self.model.depart(name, reason))  # type: ignore[arg-type]

    def _transfer(self, name: str, to: str) -> None:
        self._same("transfer", self.real.transfer(name, to), self.model.transfer(name, to))

    def _tick(self) -> None:
        self.model.tick()
        self.real.tick(1)

    def _offer_of(self, name: str) -> str:
        person = self.model.people.get(name)
        return person.offer if person and person.offer else "none"

    def _same(self, what: str, real: bool, wanted: bool) -> None:
        must(real == wanted, f"{what} said {real}, should say {wanted}")


def _told(line: News) -> Told:
    state = str(line.fields.get("state", "")) if line.kind == "agent_state" else line.reason
    ticket = "" if line.kind in ("agent_state", "wrapped") else line.ticket_id
    return _short((line.kind, ticket, line.agent_id, state))


def _short(line: Told) -> Told:
    kind, ticket, person, reason = line
    is_reason = kind in OF_REASON or kind == "agent_state"
    return kind, ticket, person if kind in OF_PERSON else "", reason if is_reason else ""


def happenings(world: World, chance: random.Random) -> Iterator[Step]:
    """One step after the other, for ever: mostly what is likely where the world stands, sometimes anything."""
    came = 0
    while True:
        model = world.model
        while model.is_due():
            yield ("tick",)
        yield from _time_passes(world, chance)
        if chance.random() < 0.22:
            came += 1
            queue = chance.choice(list(world.setting.rules))
            skills = " ".join(skill for skill in SKILLS if chance.random() < 0.2)
            priority = chance.choice((0, 0, 0, 5, 20, -3))
            call = f"CA{came if chance.random() < 0.95 else max(came - 1, 1)}"
            number = f"+44207946{came - chance.choice((0, 0, 0, 0, 5)) + 10:04}"
            yield ("join", f"T{came}", call, number, queue, priority, skills)
        elif chance.random() < 0.1:
            yield _anything(world, chance, came)
        else:
            yield _likely(world, chance, came)


def _time_passes(world: World, chance: random.Random) -> Iterator[Step]:
    """Up to the next thing due, so that nothing is late; the pages beat meanwhile, most of the time."""
    if chance.random() < 0.5:
        return
    model = world.model
    due = (*model.timers.values(), *model.windows.values())
    ahead = [at_ms - model.now_ms for at_ms in due if at_ms > model.now_ms]
    left = chance.choice((1, 200, 3_000, 8_000, 8_000, 60_000))
    yield ("passes", min([left, *ahead]))
    for person in list(model.people.values()):
        if person.has_page and model.now_ms - person.beat_ms > 6_000 and chance.random() < 0.9:
            yield ("beat", person.name)


def _likely(world: World, chance: random.Random, came: int) -> Step:
    model = world.model
    if chance.random() < 0.75 or not model.callers:
        return _by_person(world, chance)
    caller = chance.choice(list(model.callers.values()))
    match caller.state:
        case "waiting" | "offered" | "message":
            return chance.choice(
                (
                    ("check", caller.name),
                    ("leave", caller.name, "caller_hung_up"),
                    ("leave_call", caller.call, "caller_hung_up"),
                    ("message", caller.name) if chance.random() < 0.3 else ("check", caller.name),
                    ("book", caller.name, caller.number),
                )
            )
        case "callback_pending":
            return chance.choice(
                (
                    ("leave_call", caller.call, "caller_hung_up"),
                    ("book", caller.name, caller.number),
                    ("check", caller.name),
                    ("done", caller.name) if chance.random() < 0.1 else ("check", caller.name),
                )
            )
        case "callback_dialing":
            call = f"CB{caller.name}-{caller.dials}"
            back = ("join", caller.name, call, caller.number, caller.queue, caller.priority, "")
            return chance.choice(
                (
                    ("dialed", caller.name, call),
                    back,
                    back,
                    ("unanswered", caller.name, chance.choice(("no_answer", "busy", "carrier"))),
                    ("leave", caller.name, "caller_hung_up"),
                )
            )
        case "handback":
            again = ("join", caller.name, caller.call, caller.number, caller.queue, caller.priority, "")
            return chance.choice((again, ("leave", caller.name, "completed")))
        case "briefing":
            return ("bridged", caller.name, chance.choice(("caller", "agent")))
        case _:
            to = chance.choice(world.setting.agents).agent_id
            ways = ("hung_up", "hung_up", "handed_back", "lost", "never_came")
            return chance.choice(
                (
                    ("hold", caller.name),
                    ("unhold", caller.name),
                    ("depart", caller.name, chance.choice(ways)),
                    ("leave", caller.name, "caller_hung_up"),
                    ("transfer", caller.name, to),
                )
            )


def _by_person(world: World, chance: random.Random) -> Step:
    name = chance.choice(world.setting.agents).agent_id
    person = world.model.people.get(name)
    match person.state if person else "offline":
        case "offline":
            return ("sign_in", name)
        case "break" | "rona":
            return ("choose", name, "ready")
        case "lost":
            return chance.choice((("sign_in", name), ("choose", name, "ready")))
        case "reserved" | "ringing":
            chosen = chance.random()
            if chosen < 0.25:
                return ("rang", name)
            if chosen < 0.85:
                return ("accept", name, name)
            return ("refuse", name, chance.choice(REFUSALS))
        case "talking" | "holding":
            assert person is not None
            caller = world.model.callers[person.ticket]
            if caller.kind == "message":
                return ("done", caller.name)
            if caller.state == "briefing":
                return ("bridged", caller.name, chance.choice(("caller", "agent")))
            return ("depart", caller.name, "hung_up")
        case "wrapup":
            return chance.choice((("wrap_up", name), ("extend", name, 5_000)))
        case _:
            return ("choose", name, chance.choice(("ready", "ready", "ready", "break", "offline")))


def _anything(world: World, chance: random.Random, came: int) -> Step:
    """What makes no sense now: old pages, second clicks, callbacks of the carrier that come late and twice."""
    ticket = f"T{max(1, came - chance.randint(0, 12))}"
    person, other = (chance.choice(world.setting.agents).agent_id for _ in range(2))
    return chance.choice(
        (
            ("accept", person, other),
            ("accept_old", chance.randint(0, 19), person),
            ("refuse_old", chance.randint(0, 19), chance.choice(REFUSALS)),
            ("refuse", person, chance.choice(REFUSALS)),
            ("rang", person),
            ("bridged", ticket, chance.choice(("caller", "agent"))),
            ("hold", ticket),
            ("unhold", ticket),
            ("depart", ticket, chance.choice(("hung_up", "handed_back", "lost", "never_came"))),
            ("transfer", ticket, person),
            ("message", ticket),
            ("done", ticket),
            ("book", ticket, f"+44207946{came + 10:04}"),
            ("dialed", ticket, f"CX{ticket}"),
            ("unanswered", ticket, "busy"),
            ("check", ticket),
            ("leave", ticket, "completed"),
            ("sign_in", person),
            ("choose", person, chance.choice(("ready", "break", "offline"))),
            ("wrap_up", person),
            ("extend", person, 3_000),
            ("tick",),
        )
    )
