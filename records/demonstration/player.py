"""Moves the clock from event to event up to the present, sweeping whatever falls due in between."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Min

from cases.actions.end_pauses import end_pauses
from cases.models import CaseDeadline, Pause
from cases.sweep import sweep
from cases.vocabulary import PauseState
from foundation.deadlines.calendar import WorkCalendar
from foundation.ledger.actions import seal
from foundation.ledger.publishing import publish_daily_seal
from foundation.notifications.actions import mark_all_read
from foundation.notifications.models import Alert
from foundation.organization.models import Hall
from records.demonstration.board import DAYS_BEFORE, hang
from records.demonstration.cast import Cast, found
from records.demonstration.course import Course
from records.demonstration.neighbours import Neighbours
from records.demonstration.roster import keep_roster
from records.demonstration.script import Matter, Script
from records.demonstration.second_looks import FRIDAY, look_at_some

SETTLING_IN = timedelta(days=2)
WORKING_DAY = 420  # minutes
ONE_DAY = timedelta(days=1)

# Minutes of open time from the step before to this one, where the script does not say.
PAUSES: dict[str, tuple[int, int]] = {
    "accept": (4, 40),
    "answer": (6, 30),
    "decline": (30, 240),
    "tell_declined": (200, 1200),
    "confirm": (40, 240),
    "transfer": (10, 100),
    "return": (60, 240),
    "sign_in": (20, 180),
    "contact": (15, 120),
    "investigate": (30, 200),
    "note": (120, 400),
    "report": (300, 900),
    "reject": (40, 180),
    "complete": (200, 500),
    "approve": (40, 240),
    "send_back": (40, 200),
    "call": (60, 240),
    "inform": (60, 400),
    "follow_up": (480, 800),
    "try_again": (430, 520),
    "conclude": (30, 120),
    "evaluate": (500, 1200),
    "refer": (20, 100),
    "coordinate": (60, 240),
    "plan": (120, 400),
    "merge": (30, 200),
    "wait": (420, 420),
    "decide": (40, 200),
    "tell_limit": (30, 150),
    "answer_press": (60, 300),
    "classify": (10, 90),
    "record": (120, 300),
    "hear": (60, 200),
    "account": (120, 420),
    "find": (20, 120),
    "late": (800, 2000),
}
ANY = (20, 160)

Event = tuple[datetime, int, Iterator[str], Course, str]


class Player:
    def __init__(self, script: Script, *, present: datetime) -> None:
        self.script = script
        self.present = present
        self.now = present
        self.halls: dict[str, Hall] = {}
        self.casts: dict[str, Cast] = {}
        self.events: list[Event] = []
        self.count = 0
        self.courses: dict[str, Course] = {}
        self.has_boards = False

    def play(self) -> None:
        """From the founding of the halls to the present."""
        # Surely before anybody comes: when that is, the halls' calendars tell once they are there.
        longest = max(matter.begins for matters in self.script.matters.values() for matter in matters)
        self.now = self.present - timedelta(days=longest * 1.7 + 4)
        self.halls = found(self.script, now=self.now)
        self.casts = {code: Cast(hall) for code, hall in self.halls.items()}
        for code, matters in self.script.matters.items():
            neighbours = Neighbours(self.halls[code], self.script.residents[code])
            for matter in matters:
                self._announce(code, matter, neighbours)
        self.now = max(self.now, self.events[0][0] - SETTLING_IN)
        self._live_through_days()

    def _announce(self, code: str, matter: Matter, neighbours: Neighbours) -> None:
        course = Course(matter, self.casts[code], neighbours, self.script.phrases)
        self.courses[matter.key] = course
        course.others = self.courses
        calendar = course.cast.calendar
        begins = working_moment_before(calendar, self.present, int(matter.begins * WORKING_DAY))
        begins -= timedelta(seconds=course.chance.randrange(50))
        self._expect(begins, course.run(), course)
        for contact in matter.further:
            again = calendar.add_working_minutes(begins, int(contact.after * WORKING_DAY))
            self._expect(again, course.further(contact), course)

    def _expect(self, at: datetime, steps: Iterator[str], course: Course, last: str = "") -> None:
        """Ask for the name of the next step and put it down for its time."""
        name = next(steps, None)
        if name is None:
            return
        key = course.key_of(name)
        if course.matter.stops_before == key:
            return
        if last:
            at = self._after_pause(at, name, course)
        if at > self.present:
            return
        self.count += 1
        heapq.heappush(self.events, (at, self.count, steps, course, name))

    def _after_pause(self, at: datetime, name: str, course: Course) -> datetime:
        shortest, longest = PAUSES.get(name, ANY)
        minutes = course.chance.randint(shortest, longest)
        pace = course.matter.pace.get(course.in_round(name))
        if pace is not None:
            minutes = int(pace * WORKING_DAY)
        seconds = timedelta(seconds=course.chance.randrange(60))
        return course.cast.calendar.add_working_minutes(at, minutes) + seconds

    def _live_through_days(self) -> None:
        zone = next(iter(self.halls.values())).zone
        day = self.now.astimezone(zone).date()
        today = self.present.astimezone(zone).date()
        while day <= today:
            self._work(until=min(datetime.combine(day, time(7, 30), tzinfo=zone), self.present))
            for cast in self.casts.values():
                keep_roster(cast, day=day, now=self.now)
            self._work(until=min(datetime.combine(day, time(17, 25), tzinfo=zone), self.present))
            self._keep_boards(days_left=(today - day).days, day=day)
            self._look_again(day)
            if day < today:
                self._read_inboxes(day)
                self._work(until=min(datetime.combine(day + ONE_DAY, time(0, 5), tzinfo=zone), self.present))
            self._seal()
            day += ONE_DAY

    def _work(self, *, until: datetime) -> None:
        """Everything that happens up to this moment, in order."""
        while self.events and self.events[0][0] <= until:
            at, _number, steps, course, name = heapq.heappop(self.events)
            self._sweep(until=at)
            self.now = max(self.now, at)
            course.now = self.now
            self._expect(self.now, steps, course, last=name)
        self._sweep(until=until)
        self.now = max(self.now, until)

    def _sweep(self, *, until: datetime) -> None:
        """The minutes in which the sweep would find nothing are passed over."""
        while True:
            alert = CaseDeadline.objects.running().aggregate(first=Min("next_alert_at"))["first"]
            pause = Pause.objects.filter(state=PauseState.RUNNING).aggregate(first=Min("ends_at"))["first"]
            due = min((at for at in (alert, pause) if at is not None), default=until + ONE_DAY)
            if due > until:
                return
            sweep(now=max(due, self.now))
            end_pauses(now=max(due, self.now))

    def _look_again(self, day: date) -> None:
        """On Fridays."""
        for cast in self.casts.values():
            if day.weekday() == FRIDAY and cast.calendar.is_working(day):
                look_at_some(cast, now=self.now)

    def _read_inboxes(self, day: date) -> None:
        """Everybody who was at work reads what came in."""
        if not any(cast.calendar.is_working(day) for cast in self.casts.values()):
            return
        readers = next(iter(self.casts.values())).everybody
        for pk in Alert.objects.unread().order_by().values_list("recipient_id", flat=True).distinct():
            mark_all_read(staff=readers[pk], until=self.now, now=self.now)

    def _keep_boards(self, *, day: date, days_left: int) -> None:
        if self.has_boards or days_left > DAYS_BEFORE:
            return
        if all(cast.calendar.is_working(day) for cast in self.casts.values()):
            hang(self.casts, self.courses, now=self.now)
            self.has_boards = True

    def _seal(self) -> None:
        seal(now=self.now)
        # Mails about days that never were would only puzzle whoever keeps them.
        if not settings.SEAL_RECIPIENTS:
            publish_daily_seal(now=self.now)


def working_moment_before(calendar: WorkCalendar, moment: datetime, minutes: int) -> datetime:
    """The latest moment from which that much open time passes until the given one."""
    left = timedelta(minutes=minutes)
    day = calendar.local_date(moment)
    while True:
        for opens, closes in reversed(calendar.open_intervals(day)):
            end = min(closes, moment)
            if end <= opens:
                continue
            if end - opens > left:
                return end - left
            left -= end - opens
        day -= ONE_DAY
