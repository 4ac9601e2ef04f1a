"""Why a deadline stands where it stands, in sentences for the resident it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from foundation.deadlines.calendar import Unit

ONE_DAY: Final = timedelta(days=1)

# What a hall may put in the place of the time that was worked out; the moment stands in overridden_due_at.
SET_FROM_ABOVE: Final = "set_from_above"
NOT_BEYOND_PROMISE: Final = "not_beyond_promise"
OLD_LIMIT_KEPT: Final = "old_limit_kept"


def explain(explanation: Mapping[str, Any], *, zone: tzinfo, language: str | None = None) -> list[str]:
    """The sentences behind one computed deadline, in the language given or else the active one.

    explanation: what compute() left, as it was stored; zone: the hall's.
    """
    in_language: AbstractContextManager[object] = override(language) if language else nullcontext()
    with in_language:
        if explanation.get("by_hand"):
            return [_by_hand_sentence(explanation, zone)]
        sentences = [
            _term_sentence(explanation, zone),
            _start_sentence(explanation, zone),
            *_counting_sentences(explanation),
            _moved_sentence(explanation, zone),
            _due_sentence(explanation, zone),
            "" if _is_moved_to(explanation) else _overridden_sentence(explanation, zone),
            *(_move_sentence(move, zone) for move in explanation.get("moves", [])),
            _overridden_sentence(explanation, zone) if _is_moved_to(explanation) else "",
            _provisional_sentence(explanation),
        ]
        return [sentence for sentence in sentences if sentence]


def _by_hand_sentence(explanation: Mapping[str, Any], zone: tzinfo) -> str:
    return _("Set by hand on %(moment)s to end on %(due_at)s.") % {
        "moment": _moment(explanation["happened_at"], zone),
        "due_at": _moment(explanation["due_at"], zone),
    }


def _term_sentence(explanation: Mapping[str, Any], zone: tzinfo) -> str:
    length = explanation["length"]
    values = {"length": length, "moment": _moment(explanation["happened_at"], zone)}
    unit = Unit(explanation["unit"])
    if unit == Unit.MINUTES:
        sentence = ngettext(
            "The time limit is %(length)s minute; it was set off on %(moment)s.",
            "The time limit is %(length)s minutes; it was set off on %(moment)s.",
            length,
        )
    elif unit == Unit.WORKING_HOURS:
        sentence = ngettext(
            "The time limit is %(length)s hour of opening time; it was set off on %(moment)s.",
            "The time limit is %(length)s hours of opening time; it was set off on %(moment)s.",
            length,
        )
    elif unit == Unit.HOURS:
        sentence = ngettext(
            "The time limit is %(length)s hour, day and night; it was set off on %(moment)s.",
            "The time limit is %(length)s hours, day and night; it was set off on %(moment)s.",
            length,
        )
    elif unit == Unit.DAYS:
        sentence = ngettext(
            "The time limit is %(length)s calendar day; it was set off on %(moment)s.",
            "The time limit is %(length)s calendar days; it was set off on %(moment)s.",
            length,
        )
    else:
        sentence = ngettext(
            "The time limit is %(length)s working day; it was set off on %(moment)s.",
            "The time limit is %(length)s working days; it was set off on %(moment)s.",
            length,
        )
    return sentence % values


def _start_sentence(explanation: Mapping[str, Any], zone: tzinfo) -> str:
    if explanation["start"] != explanation["happened_at"]:
        return _(
            "That was outside opening hours and nobody was on call, so the time runs from the next opening, %(moment)s."
        ) % {"moment": _moment(explanation["start"], zone)}
    unit = explanation["unit"]
    if unit == Unit.WORKING_DAYS:
        return _("Working days are counted from the next working day; the limit ends when the hall closes on the last.")
    if unit in (Unit.MINUTES, Unit.WORKING_HOURS):
        if explanation["on_call"]:
            return _("Somebody was on call, so this urgent matter's time runs outside opening hours too.")
        return _("Only the time during which the hall is open is counted.")
    return ""


def _counting_sentences(explanation: Mapping[str, Any]) -> list[str]:
    sentences = []
    counted = [date.fromisoformat(day) for day in explanation["counted"]]
    if counted and explanation["unit"] != Unit.DAYS:
        sentences.append(_("Counted: %(days)s.") % {"days": _runs([(day, "") for day in counted])})
    if explanation["extra"]:
        sentences.append(_("Worked out of turn and counted: %(days)s.") % {"days": _runs(_dated(explanation["extra"]))})
    if explanation["skipped"] and not explanation["moved_from"]:
        sentences.append(_("Not counted: %(days)s.") % {"days": _runs(_dated(explanation["skipped"]))})
    return sentences


def _moved_sentence(explanation: Mapping[str, Any], zone: tzinfo) -> str:
    if not explanation["moved_from"]:
        return ""
    return _(
        "The time would have ended on %(moment)s, when the hall does not work (%(days)s); "
        "it ends at the same time on the next working day (Civil Code, article 203)."
    ) % {"moment": _moment(explanation["moved_from"], zone), "days": _runs(_dated(explanation["skipped"]))}


def _due_sentence(explanation: Mapping[str, Any], zone: tzinfo) -> str:
    values = {"moment": _moment(explanation["due_at"], zone)}
    if explanation.get("overridden") or explanation.get("moves"):
        return _("Counted in this way it would be due on %(moment)s.") % values
    return _("It is therefore due on %(moment)s.") % values


def _overridden_sentence(explanation: Mapping[str, Any], zone: tzinfo) -> str:
    reason = explanation.get("overridden")
    if not reason:
        return ""
    values = {"moment": _moment(explanation["overridden_due_at"], zone)}
    if reason == SET_FROM_ABOVE:
        return _("The office that handed the matter down set another date, which counts: %(moment)s.") % values
    if reason == NOT_BEYOND_PROMISE:
        return _("The date promised to the resident is earlier, and counts: %(moment)s.") % values
    if reason == OLD_LIMIT_KEPT:
        return (
            _("The result was sent back to be completed: the old limit stays, one working day at least: %(moment)s.")
            % values
        )
    return _("Another date was set, which counts: %(moment)s.") % values


def _is_moved_to(explanation: Mapping[str, Any]) -> bool:
    """Whether the override came last: a promise that limits what was moved, or an old limit, which is a move itself."""
    return bool(explanation.get("moves")) and explanation.get("overridden") in (NOT_BEYOND_PROMISE, OLD_LIMIT_KEPT)


def _move_sentence(move: Mapping[str, Any], zone: tzinfo) -> str:
    due_at = {"due_at": _moment(move["due_at"], zone)}
    if move["kind"] == "pause":
        values = {"start": _moment(move["from"], zone), "end": _moment(move["to"], zone), **due_at}
        if not move["minutes"]:
            sentence = _(
                "It was paused from %(start)s to %(end)s, when the hall was not open: nothing moves, "
                "it stays due on %(due_at)s."
            )
            return sentence % values
        values["amount"] = _open_time(move["minutes"])
        return (
            _("It was paused from %(start)s to %(end)s, %(amount)s of opening time; that moves it to %(due_at)s.")
            % values
        )
    if move["kind"] == "extension":
        sentence = ngettext(
            "It was extended once, by %(days)s working day, to %(due_at)s.",
            "It was extended once, by %(days)s working days, to %(due_at)s.",
            move["working_days"],
        )
        return sentence % {"days": move["working_days"], **due_at}
    return _(
        "On %(moment)s the result was sent back to be completed: the old limit stays, one working day at least."
    ) % {"moment": _moment(move["at"], zone)}


def _open_time(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    words = [ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}] if hours else []
    if rest:
        words.append(ngettext("%(count)s minute", "%(count)s minutes", rest) % {"count": rest})
    return " ".join(words)


def _provisional_sentence(explanation: Mapping[str, Any]) -> str:
    if not explanation["provisional"]:
        return ""
    return _("The public holidays of that year have not all been announced yet; the date may move when they are.")


def _dated(pairs: Sequence[Sequence[str]]) -> list[tuple[date, str]]:
    return [(date.fromisoformat(day), reason) for day, reason in pairs]


def _runs(days: Sequence[tuple[date, str]]) -> str:
    """Dates in their order, neighbours drawn together, each run with its reasons once."""
    runs: list[list[tuple[date, str]]] = []
    for day, reason in days:
        if runs and day - runs[-1][-1][0] == ONE_DAY:
            runs[-1].append((day, reason))
        else:
            runs.append([(day, reason)])
    return _("; ").join(_run(run) for run in runs)


def _run(run: Sequence[tuple[date, str]]) -> str:
    first, last = run[0][0], run[-1][0]
    span = _day(first)
    if first != last:
        span = _("%(first)s to %(last)s") % {"first": span, "last": _day(last)}
    reasons = list(dict.fromkeys(reason_in_words(reason) for _date, reason in run if reason))
    if not reasons:
        return span
    return _("%(days)s (%(reasons)s)") % {"days": span, "reasons": _(", ").join(reasons)}


def reason_in_words(key: str) -> str:
    """Why a day is worked or off, from what calendar.Day says: a weekend, a holiday by its name, a closure …"""
    kind, _separator, name = key.partition(":")
    words: dict[str, Callable[[], str]] = {
        "weekend": lambda: _("weekend"),
        "closed": lambda: _("regular closing day"),
        "make_up": lambda: _("make-up workday"),
        # The names in statutory.py are in the catalogue; one that only the library knows is shown as it is.
        "holiday": lambda: _(name),
        "closure": lambda: name or _("hall closed"),
        "extra": lambda: name or _("extra day of work"),
    }
    return words[kind]()


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _moment(iso: str, zone: tzinfo) -> str:
    at = datetime.fromisoformat(iso).astimezone(zone)
    # Wall-clock time of the hall: Django would turn an aware moment into the active zone, which may be another.
    local = at.replace(tzinfo=None)
    return _("%(date)s, %(time)s") % {"date": _day(local.date()), "time": time_format(local.time(), "H:i")}
