"""What the queues, the people and the offers between them are to do, in lists and dictionaries: slow and obvious.

``Model`` and the ``Floor`` beneath it know no Redis, no clock and no way to search quickly. Each change alters
their state and notes what the log must tell of it. Which free person gets which caller they do not foretell: they
are told of each offer and judge it, and after each change nobody may be free for whom somebody waits.
"""

from __future__ import annotations

import math

from queuefacts import (
    AT_A_TIME,
    BEAT_MS,
    BRIDGE_MS,
    CARRIER_MS,
    DIAL_GAPS_MS,
    KEPT_MS,
    LONGEST_CARRIER_MS,
    ON_LINE_MS,
    OVER_AGAIN_MS,
    Caller,
    Person,
)
from queuefloor import Floor

from ivr.agents.callback import next_window, refusal


class Model(Floor):
    """All queues and people, as they should be."""

    # callers

    def join(
        self, name: str, call: str, number: str, queue: str, priority: int, skills: tuple[str, ...]
    ) -> None:
        caller = self.callers.get(name)
        if caller is not None:
            self.join_again(caller, call)
            return
        joined_ms = 0
        older = self.of_call(call)
        if older is not None:
            joined_ms = older.joined_ms
            self.finish(older, "replaced")
        kept_ms, until_ms = self.kept.pop(number, (0, 0))
        if not joined_ms and until_ms > self.now_ms:
            joined_ms = kept_ms
        booked = next((one for one in self.callers.values() if one.dial_number == number), None)
        if booked is not None and booked.state in ("callback_pending", "callback_dialing"):
            joined_ms = joined_ms or booked.joined_ms
            self.finish(booked, "called_again")
        joined_ms = joined_ms or self.now_ms
        caller = Caller(name, call, number, queue, priority, skills, self.stamp(joined_ms), joined_ms)
        caller.visited.add(queue)
        is_moved, is_full = self.overflow_on_joining(caller)
        self.callers[name] = caller
        self.calls[call] = name
        self.tell("joined", name)
        if is_full and not is_moved:
            self.touch(caller.name)
            caller.skills, caller.is_parked = self.wanted(caller), True
        else:
            self.stand(caller)

    def join_again(self, caller: Caller, call: str) -> None:
        if caller.state == "handback":
            caller.state = "waiting"
            self.tell("joined", caller.name)
            self.stand(caller)
        elif caller.state == "callback_dialing":
            self.forget_call(caller)
            self.calls[call], caller.call = caller.name, call
            self.timers.pop(f"dial:{caller.name}", None)
            self.touch(caller.name)
            self.tell("joined", caller.name)
            caller.state = "offered" if caller.offers else "waiting"
            for offer_id, name in caller.offers.items():
                self.timers[f"offer:{offer_id}"] = self.now_ms + self.rules[caller.queue].ring_ms
                self.tell("offered", caller.name, name)
            if not caller.offers:
                caller.is_paused = False

    def stamp(self, joined_ms: int) -> float:
        """The real one counts arrivals within a millisecond; all that matters is that none is equal."""
        self._arrivals = self._arrivals + 1 if self._last_stamp == self.now_ms else 0
        self._last_stamp = self.now_ms
        return joined_ms + self._arrivals / 4096

    def overflow_on_joining(self, caller: Caller) -> tuple[bool, bool]:
        """Moves the caller to queues that can take them: (was moved in the end, the last one was full)."""
        is_full = False
        while True:
            rules = self.rules[caller.queue]
            if rules.overflow.when_nobody and not self.signed_in(caller.queue):
                to, is_full = rules.overflow.when_nobody, False
            elif len(self.line(caller.queue)) >= rules.max_size:
                to, is_full = rules.overflow.when_full or rules.overflow.to, True
            else:
                return True, is_full
            if to not in self.rules or to in caller.visited:
                return False, is_full
            caller.queue = to
            caller.visited.add(to)

    def leave(self, name: str, reason: str) -> bool:
        caller = self.callers.get(name)
        if caller is None or caller.kind == "message" or caller.state == "callback_pending":
            return False
        if caller.state == "callback_dialing" and reason == "caller_hung_up":
            self.dial_again(caller, "not_confirmed")
            return True
        is_cut_off = reason == "caller_hung_up" and caller.state in ("waiting", "offered", "briefing")
        if is_cut_off and caller.kind == "call":
            self.kept[caller.number] = (caller.joined_ms, self.now_ms + KEPT_MS)
        self.finish(caller, reason)
        return True

    def leave_call(self, call: str, reason: str) -> bool:
        caller = self.callers.get(self.calls.get(call, ""))
        if caller is None:
            return False
        if caller.state == "callback_pending":
            del self.calls[call]
            if not caller.dials:
                self.windows[caller.name] = self.now_ms
            return False
        return self.leave(caller.name, reason)

    def book(self, name: str, number: str) -> str:
        caller = self.callers.get(name)
        if caller is None:
            return "gone"
        rules = self.rules[caller.queue]
        if why := refusal(number, caller.number, rules.countries):
            return why
        if next_window(number, rules, self.now_ms) is None:
            return "hours"
        if caller.state == "callback_pending" and caller.dial_number == number:
            return ""
        if caller.state not in ("waiting", "offered"):
            return "gone"
        if any(one.dial_number == number and one is not caller for one in self.callers.values()):
            return "duplicate"
        self.step_out(caller)
        caller.state, caller.kind, caller.dial_number = "callback_pending", "callback", number
        caller.not_before_ms = 0
        self.withdraw(caller, "caller_left")
        self.windows[name] = self.now_ms + ON_LINE_MS
        self.tell("booked", name)
        return ""

    def dialed(self, name: str, call: str) -> bool:
        caller = self.callers.get(name)
        if caller is None or caller.state != "callback_dialing":
            return False
        self.forget_call(caller)
        self.calls[call], caller.call = name, call
        return True

    def unanswered(self, name: str, reason: str) -> bool:
        caller = self.callers.get(name)
        if caller is None or caller.state != "callback_dialing":
            return False
        self.dial_again(caller, reason)
        return True

    def dial_again(self, caller: Caller, reason: str) -> None:
        self.calls.pop(caller.call, None)
        gap_ms = DIAL_GAPS_MS[min(caller.dials, len(DIAL_GAPS_MS)) - 1]
        self.step_out(caller)
        caller.state, caller.not_before_ms = "callback_pending", self.now_ms + gap_ms
        self.withdraw(caller, "caller_left")
        if caller.dials >= len(DIAL_GAPS_MS):
            self.timers[f"giveup:{caller.name}"] = self.now_ms + gap_ms
        else:
            self.windows[caller.name] = self.now_ms + gap_ms
        self.tell("booked", caller.name)

    def forget_call(self, caller: Caller) -> None:
        if self.calls.get(caller.call) == caller.name:
            del self.calls[caller.call]

    def leave_message(self, name: str) -> bool:
        caller = self.callers.get(name)
        if caller is None:
            return False
        if caller.kind == "message":
            return True
        if caller.state not in ("waiting", "offered"):
            return False
        self.step_out(caller)
        caller.state, caller.kind = "message", "message"
        self.withdraw(caller, "caller_left")
        self.calls.pop(caller.call, None)
        self.tell("booked", name)
        self.stand(caller)
        return True

    def done(self, name: str, reason: str) -> bool:
        caller = self.callers.get(name)
        if caller is None or caller.kind == "call":
            return False
        self.finish(caller, reason)
        return True

    # people

    def sign_in(
        self, name: str, queues: tuple[str, ...], skills: frozenset[str], has_page: bool, place: int
    ) -> None:
        person = self.people.get(name)
        if person is None or person.state == "offline":
            person = self.people[name] = Person(name, queues, skills, has_page, place, idle_ms=self.now_ms)
        person.beat_ms = self.now_ms
        if person.state in ("offline", "lost"):
            self.become(person, "break")
        else:
            self.touch(name)
        self.watch(person)

    def choose(self, name: str, wish: str) -> None:
        person = self.people[name]
        if person.state == "offline":
            return
        state = "break" if wish == "break" else wish
        if person.state in ("ready", "break", "rona", "lost"):
            was_lost = person.state == "lost"
            if person.state == "ready" and wish == "ready":
                return
            person.pending, person.beat_ms = "", self.now_ms
            self.become(person, state)
            if state == "offline":
                self.forget_timers(person)
            elif was_lost:
                self.watch(person)
            return
        person.pending = "" if wish == "ready" else wish
        self.tell("agent_state", "", name, person.state)
        if wish == "offline" and person.state in ("reserved", "ringing"):
            self.refuse(person.offer, "declined")

    def beat(self, name: str) -> bool:
        person = self.people.get(name)
        if person is None or person.state in ("offline", "lost"):
            return False
        person.beat_ms = self.now_ms
        return True

    def wrap_up(self, name: str) -> None:
        person = self.people[name]
        if self.handled.get(name):
            self.tell("wrapped", "", name)
        if person.state == "wrapup":
            self.end_wrap_up(person)

    def extend_wrap_up(self, name: str, by_ms: int) -> None:
        person = self.people[name]
        if person.state == "wrapup":
            person.until_ms += by_ms
            self.timers[f"wrap:{name}"] = person.until_ms
            self.tell("agent_state", "", name, "wrapup")

    # offers and calls

    def rang(self, offer_id: str) -> bool:
        found = self.find_offer(offer_id)
        if found is None:
            return any(
                caller.person and self.people[caller.person].offer == offer_id
                for caller in self.callers.values()
            )
        caller, person = found
        if person.state == "reserved":
            self.become(person, "ringing")
            self.tell("ringing", caller.name, person.name)
        return True

    def refuse(self, offer_id: str, reason: str) -> bool:
        found = self.find_offer(offer_id)
        if found is None:
            return False
        caller, person = found
        del caller.offers[offer_id]
        self.touch(caller.name)
        self.timers.pop(f"offer:{offer_id}", None)
        if reason not in ("rescinded", "caller_left"):
            caller.tries += 1
        if reason == "declined":
            caller.declined.add(person.name)
        if reason == "agent_lost":
            caller.is_first = True
        self.tell("refused", caller.name, person.name, reason)
        if reason == "agent_lost":
            self.free(person, "lost")
        else:
            self.free(person, "rona" if reason in ("no_answer", "busy", "voicemail", "failed") else "ready")
        if caller.state == "callback_dialing":
            return True
        if not caller.offers:
            caller.state = "message" if caller.kind == "message" else "waiting"
        caller.is_paused = reason == "carrier"
        self.timers.pop(f"retry:{caller.name}", None)
        if reason == "carrier":
            self.timers[f"retry:{caller.name}"] = self.now_ms + min(
                LONGEST_CARRIER_MS, CARRIER_MS * caller.tries
            )
        return True

    def accept(self, offer_id: str, name: str) -> bool:
        found = self.find_offer(offer_id)
        person = self.people.get(name)
        if person is not None and person.offer == offer_id and person.state in ("talking", "holding"):
            return self.callers[person.ticket].person == name
        if found is None or found[1].name != name or found[0].state == "callback_dialing":
            return False
        caller, person = found
        self.step_out(caller)
        del caller.offers[offer_id]
        self.timers.pop(f"offer:{offer_id}", None)
        caller.state, caller.person, caller.came = "briefing", name, set()
        self.become(person, "talking")
        person.talk_since_ms = -1
        if caller.kind != "message":
            self.timers[f"bridge:{caller.name}"] = self.now_ms + BRIDGE_MS
        self.tell("accepted", caller.name, name)
        self.withdraw(caller, "rescinded")
        return True

    def bridged(self, name: str, who: str) -> bool:
        caller = self.callers.get(name)
        if caller is None or caller.kind == "message" or caller.state not in ("briefing", "bridged", "held"):
            return False
        if who in caller.came:
            return True
        self.touch(name)
        caller.came.add(who)
        if who == "agent":
            self.tell("briefed", name, caller.person)
        if caller.state == "briefing" and len(caller.came) == 2:
            self.timers.pop(f"bridge:{name}", None)
            caller.state = "bridged"
            self.people[caller.person].talk_since_ms = self.now_ms
            self.tell("bridged", name, caller.person)
        return True

    def hold(self, name: str, is_on: bool) -> bool:
        caller = self.callers.get(name)
        if caller is None or caller.state not in ("bridged", "held"):
            return False
        if (caller.state == "held") == is_on:
            return True
        caller.state = "held" if is_on else "bridged"
        self.become(self.people[caller.person], "holding" if is_on else "talking")
        self.tell("held" if is_on else "unheld", name, caller.person)
        return True

    def depart(self, name: str, reason: str, is_person_lost: bool = False) -> bool:
        caller = self.callers.get(name)
        if caller is None or caller.state not in ("briefing", "bridged", "held"):
            return False
        person = self.people[caller.person]
        if caller.state == "briefing" and reason == "hung_up" and caller.kind != "message":
            reason = "never_came"
        self.tell("departed", name, person.name, reason)
        if reason == "hung_up" or (reason == "handed_back" and caller.kind == "message"):
            self.finish(caller, reason)
            return True
        self.timers.pop(f"bridge:{name}", None)
        has_spoken = reason == "handed_back" or "agent" in caller.came or reason != "never_came"
        caller.person = ""
        if reason == "handed_back":
            caller.state, caller.came = "handback", set()
            self.tell("handed_back", name, person.name)
            self.conclude(person, caller)
            return True
        if is_person_lost:
            self.conclude(person, caller, is_lost=True)
        elif has_spoken:
            self.conclude(person, caller)
        else:
            self.free(person, "rona")
        caller.is_first, caller.came = True, set()
        caller.state = "message" if caller.kind == "message" else "waiting"
        self.stand(caller)
        return True

    def transfer(self, name: str, to: str) -> bool:
        caller, person = self.callers.get(name), self.people.get(to)
        if caller is None or caller.state not in ("bridged", "held"):
            return False
        if caller.person == to:
            return True
        if person is None or person.state not in ("ready", "break"):
            return False
        giver = self.people[caller.person]
        if caller.state == "held":
            caller.state = "bridged"
            self.become(giver, "talking")
        caller.person = to
        self.become(person, "talking")
        person.ticket, person.offer, person.talk_since_ms = name, "", self.now_ms
        self.tell("transferred", name, to)
        self.conclude(giver, caller)
        return True

    # time

    def next_due(self) -> str:
        """The timer that is to go off first, of those that are due; empty for none."""
        due = [(at_ms, what) for what, at_ms in self.timers.items() if at_ms <= self.now_ms]
        return min(due)[1] if due else ""

    def is_due(self) -> bool:
        return bool(self.next_due()) or any(at_ms <= self.now_ms for at_ms in self.windows.values())

    def look_at_hours(self) -> None:
        """Of the one callback that is due first: it may be dialled now, later, or never."""
        due = [(at_ms, name) for name, at_ms in self.windows.items() if at_ms <= self.now_ms]
        if not due:
            return
        caller = self.callers[min(due)[1]]
        window = next_window(caller.dial_number, self.rules[caller.queue], self.now_ms, caller.not_before_ms)
        if window is None:
            self.finish(caller, "hours")
            return
        begin_ms, end_ms = window
        if begin_ms > self.now_ms:
            self.step_out(caller)
            self.windows[caller.name] = begin_ms
            return
        self.windows[caller.name] = end_ms
        if not caller.is_in_line:
            self.stand(caller)

    def tick(self) -> None:
        """One thing of each kind that time has made due."""
        self.look_at_hours()
        what = self.next_due()
        if not what:
            return
        del self.timers[what]
        kind, name = what.split(":", 1)
        match kind:
            case "offer":
                self.refuse(name, "no_answer")
            case "beat":
                self.miss_beat(self.people[name])
            case "wrap":
                self.end_wrap_up(self.people[name])
            case "relax":
                self.relax(self.callers[name])
            case "over":
                caller = self.callers[name]
                self.overflow(caller, self.rules[caller.queue].overflow.to, "wait")
            case "bridge":
                self.depart(name, "never_came")
            case "retry":
                self.touch(name)
                self.callers[name].is_paused = False
            case "dial":
                self.dial_again(self.callers[name], "timeout")
            case "giveup":
                self.finish(self.callers[name], "unreached")
            case "nobody":
                self.nobody(name)

    def miss_beat(self, person: Person) -> None:
        if person.state in ("offline", "lost"):
            return
        if self.now_ms - person.beat_ms < BEAT_MS:
            self.timers[f"beat:{person.name}"] = person.beat_ms + BEAT_MS
        elif person.state in ("reserved", "ringing"):
            self.refuse(person.offer, "agent_lost")
        elif person.ticket:
            self.depart(person.ticket, "lost", is_person_lost=True)
        else:
            self.free(person, "lost")

    def relax(self, caller: Caller) -> None:
        if not caller.skills or caller.skills[-1] == "@page":
            return
        self.touch(caller.name)
        caller.skills.pop()
        self.tell("relaxed", caller.name)
        self.wait_to_relax(caller)

    def overflow(self, caller: Caller, to: str, why: str) -> None:
        if caller.state == "offered":
            self.timers[f"over:{caller.name}"] = self.now_ms + OVER_AGAIN_MS
        elif caller.state == "waiting":
            self.tell("overflowed", caller.name, "", why)
            has_room = to in self.rules and len(self.line(to)) < self.rules[to].max_size
            if has_room and to not in caller.visited:
                self.step_out(caller)
                caller.queue = to
                caller.visited.add(to)
                self.stand(caller)

    def nobody(self, queue: str) -> None:
        to = self.rules[queue].overflow.when_nobody
        score, last = self.told_up_to.pop(queue, (-math.inf, ""))
        if not to or self.signed_in(queue):
            return
        found = [one for one in self.line(queue) if one.score >= score][:AT_A_TIME]
        for caller in found:
            is_new = (caller.score, caller.name) > (score, last)
            if is_new and caller.kind == "call" and caller.state == "waiting":
                self.overflow(caller, to, "nobody")
        if len(found) == AT_A_TIME:
            self.told_up_to[queue] = (found[-1].score, found[-1].name)
            self.timers[f"nobody:{queue}"] = self.now_ms
