"""Verbs of coordination and of slips that go other ways: refer, coordinate, plan, return, recall, reassign, hand up."""

from __future__ import annotations

from web.desk.verbs.form import Verb

CASE_VERBS: list[Verb] = []
SLIP_VERBS: list[Verb] = []
