"""One run of the bench: a node of its own with warm caches, the parts asked for, and the report."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ivr import supervisor
from ivr.audio import mulaw
from ivr.audio.music import hold_clip
from ivr.bench import lint, processes, queue, queueday, talks, voices
from ivr.bench.crowd import Chorus, journals
from ivr.bench.figures import LAST_DIGIT, MENU_WORD, WAITING, YES_NO, Cost, Figure, Report
from ivr.bench.handover import hand_overs
from ivr.bench.load import PER_SECOND, load
from ivr.bench.processes import Usage, usage
from ivr.bench.reload import PAUSE_S, RINGING_S, reloads
from ivr.bench.start import start
from ivr.bench.talk import DOUBT, Crowd, Found, Script, script, talk
from ivr.config import DEMO_NUMBER, Config
from ivr.dialogue.warm import fixed_phrases
from ivr.flow.load import load as load_flows
from ivr.redisserver import RedisServer
from ivr.speech import engines, models
from ivr.store import CallStore, connect

PARTS = ("talk", "load", "handover", "start", "queue", "day", "talks", "lint", "reload", "ramp")
DEFAULT = ("talk", "load", "handover", "start", "queue", "day", "talks", "lint", "reload")
IN_REDIS = {"queue", "day"}
"""The parts that need a Redis and no node."""
ALONE = {"talks", "lint"}
"""The parts that need neither."""
RAMP_STEP = 8
RAMP_END = 64
RAMP_GOAL_MS = 700
"""p95 of the short turns, beyond which the ramp ends."""
STRINGS = 2
"""Order numbers each caller says before keying one."""
IDLE_SHARE = 0.05
"""A node that uses less of one core is ready: its grammars are made, its prompts rendered."""
IDLE_STEP_S = 0.5
IDLE_PATIENCE_S = 30.0
SETTLING_S = 3.0
"""More than the saves take by themselves."""
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long and how large the parts are."""

    talk_s: float = 90.0
    load_calls: int = 100
    together_s: float = 30.0
    """How long all calls of the load live together."""
    hand_overs: int = 40
    starts: int = 3
    ramp_s: float = 40.0
    """Of each step of the ramp."""
    waiting: tuple[int, ...] = WAITING
    rounds: int = 2000
    """Times each change of the queue is measured."""
    day: queueday.Sizes = field(default_factory=queueday.Sizes)
    rehearsals: int = 5
    """Times a hundred conversations are acted."""
    lints: int = 5
    running: int = 20
    """Calls that run while flows are saved."""
    saves: int = 10


FULL = Sizes()
Told = Callable[[str], None]
"""Tells a person what is going on."""


async def run(
    config: Config, parts: Sequence[str], calls: int, folder: Path, told: Told, sizes: Sizes = FULL
) -> Report:
    """Measure ``parts`` with ``calls`` speaking callers, on a node whose data is in ``folder``.

    Raises IvrError where the node cannot run.
    """
    own = _alone(config, folder)
    if "reload" in parts:
        shutil.copytree(config.flows.folder, folder / "flows")
        own = own.model_copy(update={"flows": own.flows.model_copy(update={"folder": folder / "flows"})})
    report = Report(facts=_facts(own))
    if set(parts) - IN_REDIS - ALONE:
        await _calls(config, own, report, parts, calls, told, sizes)
    if set(parts) & IN_REDIS:
        _queue(folder, report, parts, told, sizes)
    if "talks" in parts:
        told(f"acting {talks.TALKS} conversations as text, {sizes.rehearsals} times")
        talks.measure(config.flows.folder, report, sizes.rehearsals)
    if "lint" in parts:
        told(f"linting {lint.STEPS} steps, {sizes.lints} times")
        lint.measure(config.flows.folder, report, sizes.lints)
    return report


def _queue(folder: Path, report: Report, parts: Sequence[str], told: Told, sizes: Sizes) -> None:
    """The parts that need no calls."""
    with RedisServer(folder / "queue") as server, contextlib.ExitStack() as stack:
        numbers = range(len(sizes.waiting) + 1)
        clients = [stack.enter_context(connect(f"{server.url}?db={number}")) for number in numbers]
        if "day" in parts:
            queueday.measure(clients[0], report, told, sizes.day)
        if "queue" in parts:
            queue.measure(clients[1:], report, told, sizes.waiting, sizes.rounds)


async def _calls(
    config: Config, own: Config, report: Report, parts: Sequence[str], calls: int, told: Told, sizes: Sizes
) -> None:
    """The parts in which people call."""
    scripts = [script(voices.strings(STRINGS, seed)) for seed in range(max(calls, RAMP_STEP))]
    words = [line.words for one in scripts for lines in one.values() for line in lines if line.words]
    told("rendering the callers' words and the machine's fixed ones")
    sounds, note = await voices.record(config, [*words, DOUBT.words])
    report.notes += [note] if note else []
    phrases = await _fixed(own)
    if set(parts) - {"start"}:
        async with supervisor.running(own, with_exchange=True) as node:
            await _idle(node)
            bench = Bench(node, report, told, sizes)
            bench.weigh()
            if "talk" in parts:
                await bench.talk(scripts[:calls], sounds)
            if "load" in parts:
                await bench.load(phrases)
            if "handover" in parts:
                await bench.hand_over(own)
            if "reload" in parts:
                await bench.reload(own.flows.folder)
            if "ramp" in parts:
                await bench.ramp(scripts, sounds)
    if "start" in parts:
        told("starting and stopping ivr serve")
        report.figures.append(await start(own, sizes.starts))


class Bench:
    """The parts of a run that need a node, one method each; what they find goes into the report."""

    def __init__(self, node: supervisor.Node, report: Report, told: Told, sizes: Sizes) -> None:
        self._sizes = sizes
        self._node = node
        self._report = report
        self._told = told
        self._exchange_url = node.environment["IVR_TWILIO__API_URL"]
        self._store = CallStore(connect(node.environment["IVR_REDIS__URL"]))

    def weigh(self) -> None:
        """What the node takes before the first call."""
        self._report.costs = {
            part: Cost(part, base_mb=used.rss_bytes / _MB) for part, used in usage(self._node).items()
        }

    async def talk(self, scripts: Sequence[Script], sounds: Mapping[str, bytes]) -> None:
        self._told(f"{len(scripts)} callers speak at once, for {self._sizes.talk_s:.0f} s")
        before = usage(self._node)
        found = await self._talk(scripts, sounds, self._sizes.talk_s)
        report, after = self._report, usage(self._node)
        for part in before:
            spent_s = after[part].cpu_s - before[part].cpu_s
            report.costs[part] = replace(report.costs[part], cpu_s_per_minute=spent_s / (found.call_s / 60))
        report.figures += found.figures()
        report.turns += found.turns
        again = sum(not turn.is_taken for turn in found.turns)
        report.facts["talk"] = f"{found.calls} calls, {len(found.turns)} turns, {again} of them asked again"
        report.notes += [f"A caller gave up: {failure}." for failure in found.failures]

    async def load(self, phrases: Mapping[str, bytes]) -> None:
        """A hundred calls, and what memory they take."""
        calls, together_s = self._sizes.load_calls, self._sizes.together_s
        self._told(f"{calls} callers in prompts, keys and hold, for {calls / PER_SECOND + together_s:.0f} s")
        all_there = asyncio.Event()
        before = usage(self._node)
        looking = asyncio.create_task(self._look(all_there))
        async with journals(self._store) as shared:
            music = mulaw.encode(hold_clip())
            found = await load(
                *(self._exchange_url, DEMO_NUMBER, shared, phrases, music),
                *(calls, together_s, all_there),
            )
        report, (early, late) = self._report, await looking
        for part in before:
            growth = late[part].rss_bytes - before[part].rss_bytes
            report.costs[part] = replace(report.costs[part], mb_per_call=growth / _MB / calls)
        report.figures += found.figures()
        cores = {part: (late[part].cpu_s - early[part].cpu_s) / (together_s / 2) for part in before}
        report.facts[f"cores used by {calls} calls"] = ", ".join(
            f"{n} {used:.2f}" for n, used in cores.items()
        )
        report.facts["load"] = f"{found.sounds} sounds compared, {found.not_found} of them not found"
        report.notes += [f"A caller of the load gave up: {failure}." for failure in found.failures]

    async def hand_over(self, config: Config) -> None:
        """Callers who reach a person, one after the other."""
        self._told(f"{self._sizes.hand_overs} callers are handed over to a person")
        found = await hand_overs(config, self._node, self._sizes.hand_overs)
        self._report.figures += found.figures()
        self._report.notes += found.failures

    async def reload(self, flows: Path) -> None:
        """Changes of the flows while callers talk."""
        running, saves = self._sizes.running, self._sizes.saves
        self._told(f"flows are saved {saves} times while {running} calls run")
        all_there = asyncio.Event()
        together_s = saves * (RINGING_S + PAUSE_S) + SETTLING_S
        async with journals(self._store) as shared:
            crowd = asyncio.create_task(
                load(self._exchange_url, DEMO_NUMBER, shared, {}, b"", running, together_s, all_there)
            )
            await all_there.wait()
            found = await reloads(flows, self._exchange_url, DEMO_NUMBER, shared, saves)
            carried = await crowd
        self._report.figures += found.figures()
        self._report.notes += found.failures
        self._report.notes += [
            f"A caller gave up while flows were saved: {each}." for each in carried.failures
        ]

    async def ramp(self, scripts: Sequence[Script], sounds: Mapping[str, bytes]) -> None:
        """More and more callers, until the short turns' p95 leaves its goal."""
        holding = 0
        for calls in range(RAMP_STEP, RAMP_END + 1, RAMP_STEP):
            self._told(f"ramp: {calls} callers speak at once, for {self._sizes.ramp_s:.0f} s")
            found = await self._talk(
                [scripts[n % len(scripts)] for n in range(calls)], sounds, self._sizes.ramp_s
            )
            short = found.answers_ms(YES_NO, MENU_WORD, LAST_DIGIT)
            figure = Figure.of(f"short answers, {calls} calls speaking", short)
            self._report.figures.append(figure)
            if figure.p95 is None or figure.p95 > RAMP_GOAL_MS:
                break
            holding = calls
        self._report.facts[f"calls speaking with short answers' p95 within {RAMP_GOAL_MS} ms"] = holding

    async def _look(self, all_there: asyncio.Event) -> tuple[dict[str, Usage], dict[str, Usage]]:
        """Usage at a quarter and at three quarters of the time in which all calls live."""
        await all_there.wait()
        await asyncio.sleep(self._sizes.together_s / 4)
        early = usage(self._node)
        await asyncio.sleep(self._sizes.together_s / 2)
        return early, usage(self._node)

    async def _talk(self, scripts: Sequence[Script], sounds: Mapping[str, bytes], seconds: float) -> Found:
        async with journals(self._store) as shared:
            chorus, found = Chorus(len(scripts)), Found()
            crowd = Crowd(self._exchange_url, DEMO_NUMBER, shared, chorus, sounds, found)
            await talk(crowd, scripts, seconds)
            return found


def _alone(config: Config, folder: Path) -> Config:
    """The settings of a node that meets no other: own port, Redis, databases and data folder."""
    return config.model_copy(
        update={
            "server": config.server.model_copy(update={"host": "127.0.0.1", "port": 0, "public_url": ""}),
            "redis": config.redis.model_copy(update={"url": ""}),
            "database": config.database.model_copy(update={"url": "", "company_url": ""}),
            "data": config.data.model_copy(update={"folder": folder}),
            "log": config.log.model_copy(update={"level": "error"}),
        }
    )


def _facts(config: Config) -> dict[str, object]:
    model = models.find(config) if config.speech.engine != "pocketsphinx" else None
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load average before": ", ".join(f"{value:.2f}" for value in os.getloadavg()),
        "node": f"{config.server.gateways} gateways, ears {model or 'PocketSphinx'}, voice {config.voice.engine}",
        "beside it": "the local exchange and these callers, on the same cores",
    }


async def _fixed(config: Config) -> dict[str, bytes]:
    """mu-law of each phrase that is the same in every call, rendered into the node's cache."""
    voice = engines.voice(config)
    try:
        return {
            phrase: await voice.render(phrase) for phrase in fixed_phrases(load_flows(config.flows.folder))
        }
    finally:
        await voice.close()


async def _idle(node: supervisor.Node) -> None:
    """Returns when the node has made itself ready and does nothing more, or ``IDLE_PATIENCE_S`` are over."""
    until_s = time.monotonic() + IDLE_PATIENCE_S
    spent_s = _spent_s(node)
    while processes.is_measurable() and time.monotonic() < until_s:
        await asyncio.sleep(IDLE_STEP_S)
        now_s = _spent_s(node)
        if now_s - spent_s < IDLE_SHARE * IDLE_STEP_S:
            return
        spent_s = now_s


def _spent_s(node: supervisor.Node) -> float:
    return sum(used.cpu_s for part, used in usage(node).items() if part in processes.OURS)
