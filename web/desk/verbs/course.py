"""Verbs that end a matter in another way, join it to another, or see that it goes on."""

from __future__ import annotations

from web.desk.verbs.form import Verb

CASE_VERBS: list[Verb] = []
SLIP_VERBS: list[Verb] = []
