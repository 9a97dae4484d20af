"""Where the queue's model keeps everything, how offers are judged, and what every change ends with."""

from __future__ import annotations

from collections.abc import Mapping

from queuefacts import BEAT_MS, DIAL_GAPS_MS, DIAL_MS, Caller, Person, Told, must

from ivr.agents.rules import Rules


class Floor:
    """Callers, people and what is due; judges offers, and ends what must end."""

    def __init__(self, rules: Mapping[str, Rules]) -> None:
        self.rules = rules
        self.now_ms = 0
        self.callers: dict[str, Caller] = {}
        self.ended: dict[str, str] = {}
        """Every ticket that is over, and its one reason."""
        self.people: dict[str, Person] = {}
        self.timers: dict[str, int] = {}
        """What is due, and when; named as in Redis, which orders equal ones by name."""
        self.windows: dict[str, int] = {}
        """Callbacks whose allowed hours must be worked out then."""
        self.calls: dict[str, str] = {}
        """Call -> its ticket."""
        self.kept: dict[str, tuple[int, int]] = {}
        """Number -> (age kept, until when)."""
        self.told_up_to: dict[str, tuple[float, str]] = {}
        """Queue that nobody serves -> score and name of the last one who was told so, while others are not yet."""
        self.handled: dict[str, int] = {}
        self.offered = 0
        self._last_stamp = -1
        self._arrivals = 0
        self.told: list[Told] = []
        """What the log must say of the change being made."""
        self.changed: set[str] = set()
        """Tickets and people that were not, all through this change, what they are now."""

    # judged

    def offer(self, offer_id: str, name: str, person_name: str) -> None:
        """The real queue has made this offer: was it to?"""
        caller, person = self.callers.get(name), self.people[person_name]
        must(caller is not None, f"an offer of {name}, who is not there")
        assert caller is not None
        must(person.state == "ready", f"an offer to {person_name}, who is {person.state}")
        must(self.may_take(person, caller), f"an offer of {name}, whom {person_name} may not be given")
        for other in self.callers.values():
            if other.name not in self.changed and other.score < caller.score:
                must(
                    not self.may_take(person, other),
                    f"{person_name} was given {name}, though {other.name} came before",
                )
        for other_person in self.people.values():
            is_steady = other_person.name not in self.changed and other_person.state == "ready"
            if is_steady and self.may_take(other_person, caller):
                ours, theirs = self.turn(person, caller), self.turn(other_person, caller)
                must(
                    ours <= theirs,
                    f"{name} was given to {person_name}, though it was {other_person.name}'s turn",
                )
        caller.offers[offer_id] = person_name
        self.touch(name)
        self.offered += 1
        person.offer, person.ticket, person.rung = offer_id, name, self.offered
        if caller.state == "callback_pending":
            must(
                caller.dial_number not in self.being_dialled(),
                f"{caller.dial_number} is dialled twice at once",
            )
            caller.state, caller.is_paused, caller.dials = "callback_dialing", True, caller.dials + 1
            must(caller.dials <= len(DIAL_GAPS_MS), f"{name} is dialled too often")
            self.timers[f"dial:{name}"] = self.now_ms + DIAL_MS
            self.tell("dialing", name, person_name)
        else:
            caller.state = "offered"
            self.timers[f"offer:{offer_id}"] = self.now_ms + self.rules[caller.queue].ring_ms
            self.tell("offered", name, person_name)
        self.become(person, "reserved")

    def being_dialled(self) -> set[str]:
        return {one.dial_number for one in self.callers.values() if one.state == "callback_dialing"}

    def may_take(self, person: Person, caller: Caller) -> bool:
        """Whether the caller may be offered to this person, were they free."""
        rules = self.rules[caller.queue]
        most = 1 if caller.kind == "message" else rules.at_once
        return (
            (
                caller.state in ("waiting", "message")
                or (caller.state == "callback_pending" and caller.is_in_line)
                or (caller.state == "offered" and len(caller.offers) < most)
            )
            and not caller.is_parked
            and not caller.is_paused
            and caller.queue in person.queues
            and person.name not in caller.declined
            and set(caller.skills) <= person.skills | ({"@page"} if person.has_page else set())
        )

    def turn(self, person: Person, caller: Caller) -> tuple[float, ...]:
        """The lower, the sooner it is their turn."""
        match self.rules[caller.queue].strategy:
            case "fewest_calls":
                return (person.calls, person.idle_ms)
            case "least_talk":
                return (person.talk_ms // 1000, person.idle_ms)
            case "round_robin":
                return (person.rung,)
            case "linear":
                return (person.position,)
            case "random":
                return ()
            case _:
                return (person.idle_ms,)

    def nothing_is_left_undone(self) -> None:
        for person in self.people.values():
            if person.state == "ready":
                for caller in self.callers.values():
                    must(
                        not self.may_take(person, caller),
                        f"{caller.name} waits though {person.name} is free for them",
                    )

    # how

    def tell(self, kind: str, ticket: str = "", person: str = "", reason: str = "") -> None:
        self.told.append((kind, ticket, person, reason))

    def touch(self, name: str) -> None:
        self.changed.add(name)

    def of_call(self, call: str) -> Caller | None:
        return self.callers.get(self.calls.get(call, ""))

    def line(self, queue: str) -> list[Caller]:
        """Who waits here, in the order they are to be served."""
        waiting = [one for one in self.callers.values() if one.queue == queue and one.is_in_line]
        return sorted(waiting, key=lambda one: (one.score, one.name))

    def signed_in(self, queue: str) -> list[Person]:
        return [
            one
            for one in self.people.values()
            if queue in one.queues and one.state not in ("offline", "lost")
        ]

    def find_offer(self, offer_id: str) -> tuple[Caller, Person] | None:
        for caller in self.callers.values():
            if offer_id in caller.offers:
                return caller, self.people[caller.offers[offer_id]]
        return None

    def wanted(self, caller: Caller) -> list[str]:
        page = ["@page"] if caller.kind == "message" else []
        return list(dict.fromkeys([*page, *caller.own_skills, *self.rules[caller.queue].skills]))

    def wait_to_relax(self, caller: Caller) -> None:
        relax_ms = self.rules[caller.queue].relax_ms
        if relax_ms and caller.skills and caller.skills[-1] != "@page":
            self.timers[f"relax:{caller.name}"] = self.now_ms + relax_ms

    def stand(self, caller: Caller) -> None:
        self.touch(caller.name)
        caller.skills, caller.is_parked, caller.is_paused = self.wanted(caller), False, False
        caller.is_in_line = caller.kind != "message"
        self.wait_to_relax(caller)
        after_ms = self.rules[caller.queue].overflow.after_ms
        if after_ms and caller.kind == "call":
            self.timers[f"over:{caller.name}"] = self.now_ms + after_ms

    def step_out(self, caller: Caller) -> None:
        """Out of the line; whoever found it full comes after."""
        self.touch(caller.name)
        was_in = caller.is_in_line
        for timer in ("relax", "over", "retry", "bridge", "dial", "giveup"):
            self.timers.pop(f"{timer}:{caller.name}", None)
        self.windows.pop(caller.name, None)
        caller.is_parked = caller.is_paused = caller.is_in_line = False
        if was_in and len(self.line(caller.queue)) < self.rules[caller.queue].max_size:
            parked = [one for one in self.callers.values() if one.is_parked and one.queue == caller.queue]
            if parked:
                self.stand(min(parked, key=lambda one: (one.score, one.name)))

    def withdraw(self, caller: Caller, reason: str) -> None:
        for offer_id, name in list(caller.offers.items()):
            del caller.offers[offer_id]
            self.timers.pop(f"offer:{offer_id}", None)
            self.tell("rescinded", caller.name, name, reason)
            self.free(self.people[name], "ready")

    def finish(self, caller: Caller, reason: str) -> None:
        """The one end of a ticket."""
        was = caller.state
        reason = "handed_back" if was == "handback" else reason
        self.step_out(caller)
        caller.state = "done"
        del self.callers[caller.name]
        must(caller.name not in self.ended, f"{caller.name} ended twice")
        self.ended[caller.name] = reason
        if was in ("waiting", "offered"):
            self.tell("left", caller.name, "", reason)
        self.withdraw(caller, "caller_left")
        self.tell("ended", caller.name, "", reason)
        self.forget_call(caller)
        if caller.person:
            person = self.people[caller.person]
            if was == "briefing" and caller.kind != "message":
                self.free(person, "ready")
            else:
                self.conclude(person, caller)

    def free(self, person: Person, state: str) -> None:
        """Of an offer, or of a caller they have not spoken to; what they chose meanwhile comes true."""
        idle_ms = person.idle_ms
        if state != "lost" and person.pending:
            state = person.pending
        person.pending, person.offer, person.ticket = "", "", ""
        self.become(person, state)
        if state == "ready":
            person.idle_ms = idle_ms
        if state in ("offline", "lost"):
            self.forget_timers(person)

    def conclude(self, person: Person, caller: Caller, is_lost: bool = False) -> None:
        """A person who has spoken is done with the caller."""
        person.calls += 1
        self.handled[person.name] = 1
        if person.talk_since_ms >= 0:
            person.talk_ms += self.now_ms - person.talk_since_ms
        person.talk_since_ms, person.offer, person.ticket = -1, "", ""
        if is_lost:
            person.pending = ""
            self.become(person, "lost")
            self.forget_timers(person)
            return
        wrap_up_ms = self.rules[caller.queue].wrap_up_ms
        self.become(person, "wrapup")
        person.until_ms = self.now_ms + wrap_up_ms
        if wrap_up_ms:
            self.timers[f"wrap:{person.name}"] = person.until_ms
        else:
            self.end_wrap_up(person)

    def end_wrap_up(self, person: Person) -> None:
        self.timers.pop(f"wrap:{person.name}", None)
        state, person.pending = person.pending or "ready", ""
        self.become(person, state)
        if state == "offline":
            self.forget_timers(person)

    def become(self, person: Person, state: str) -> None:
        self.touch(person.name)
        person.state = state
        person.until_ms = 0 if state not in ("reserved", "ringing") else person.until_ms
        if state == "ready":
            person.idle_ms = self.now_ms
        if state in ("offline", "lost"):
            for queue in person.queues:
                if not self.signed_in(queue):
                    self.timers[f"nobody:{queue}"] = self.now_ms
        self.tell("agent_state", "", person.name, state)

    def forget_timers(self, person: Person) -> None:
        self.timers.pop(f"beat:{person.name}", None)
        self.timers.pop(f"wrap:{person.name}", None)

    def watch(self, person: Person) -> None:
        if person.has_page:
            self.timers[f"beat:{person.name}"] = self.now_ms + BEAT_MS
