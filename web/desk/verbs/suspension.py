"""Verbs that move a limit: pause, shelve, resume, extend, and telling the resident of the new date."""

from __future__ import annotations

from web.desk.verbs.form import Verb

CASE_VERBS: list[Verb] = []
SLIP_VERBS: list[Verb] = []
