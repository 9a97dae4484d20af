"""Every event and every action goes through JSON and comes back as it was; new classes too."""

from __future__ import annotations

import dataclasses
import types
import typing

import pytest

from ivr.actions import ACTION, Action
from ivr.events import EVENT, Event


def is_label(field):
    """The ``type`` that tells an event or action from the others; it is never anything else."""
    return field.name == "type" and field.default is not dataclasses.MISSING


def sample(kind):
    """A value of a type that is not its default, so that a field that gets lost is seen."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        own = {f.name: sample(hints[f.name]) for f in dataclasses.fields(kind) if not is_label(f)}
        return kind(**own)
    if origin is typing.Literal:
        return arguments[-1]
    if origin is tuple:
        kinds = (arguments[0],) * 2 if arguments[-1] is Ellipsis else arguments
        return tuple(sample(each) for each in kinds)
    if origin is dict:
        return {"name": {"deep": [1, 2.5, None, "ü"]}}
    if origin in (types.UnionType, typing.Union):
        return sample(arguments[0])
    return {str: "wörds", int: 7, float: 0.25, bool: True}[kind]


@pytest.mark.parametrize("kind", typing.get_args(Event), ids=lambda kind: kind.__name__)
def test_events_survive_json(kind):
    event = sample(kind)
    assert EVENT.validate_json(EVENT.dump_json(event)) == event


@pytest.mark.parametrize("kind", typing.get_args(Action), ids=lambda kind: kind.__name__)
def test_actions_survive_json(kind):
    action = sample(kind)
    assert ACTION.validate_json(ACTION.dump_json(action)) == action


def test_types_are_told_apart_by_their_name():
    for union in (Event, Action):
        names = [kind.__dataclass_fields__["type"].default for kind in typing.get_args(union)]
        assert len(set(names)) == len(names)
