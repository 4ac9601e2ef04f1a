"""The library's transition decorator, typed for our own models and people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django_fsm import FSMField, transition

Method = TypeVar("Method", bound=Callable[..., Any])


def step(
    *,
    field: FSMField | str,
    source: str | Sequence[str],
    target: Any,
    permission: Callable[..., bool],
    conditions: Sequence[Callable[..., bool]] = (),
) -> Callable[[Method], Method]:
    """A transition: from where to where, for whom (permission), and when (conditions).

    field: by its name where the model that has it comes later.
    target=None leaves the state as it is: a verb that is offered only in these states.
    """
    return transition(field=field, source=source, target=target, permission=permission, conditions=list(conditions))
