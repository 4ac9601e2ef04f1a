"""What becomes of one matter, told from its registration to its end.

`run` is a generator: it yields the name of the step that comes next, and takes it when it is asked to go on. Between
the two lies the time that the player lets pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from cases.actions.accept import accept
from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.decline import decline, tell_declined
from cases.actions.merge import merge, unmerge
from cases.actions.register import join_visit, register_case
from cases.actions.sign import Signature
from cases.models import Case
from cases.uploads import inspect_signature
from cases.vocabulary import CaseState, Nature, SignatureKind
from complaints.actions.confirm import confirm
from complaints.actions.lodge import lodge
from followups.actions.attempt import close_anonymous, close_unreachable, record_attempt
from followups.actions.conclude import conclude
from followups.actions.evaluate import answer_and_evaluate, evaluate_at_desk, record_evaluation
from foundation.organization.models import Category, Staff
from foundation.residents.models import Resident
from reception.actions import register_visit
from reception.models import Channel, Identity, Visit
from records.demonstration import door
from records.demonstration.asides import Beside
from records.demonstration.cast import Cast
from records.demonstration.drawing import scribble
from records.demonstration.leg import Leg
from records.demonstration.neighbours import Neighbours
from records.demonstration.script import Aside, FollowUp, Further, Matter, Round

READ_BACK = (Channel.WALK_IN, Channel.PHONE)


class Course:
    """One matter on its way. `now` is set by the player before each step."""

    now: datetime
    case_id: int = 0
    others: dict[str, Course]
    """All matters that are played, by their keys."""

    def __init__(self, matter: Matter, cast: Cast, neighbours: Neighbours, phrases: dict[str, list[str]]) -> None:
        self.matter = matter
        self.cast = cast
        self.neighbours = neighbours
        self.phrases = phrases
        # Of its own: a matter more or less in the script does not change the others.
        self.chance = Random(matter.key)  # noqa: S311  nothing here is secret
        self.round_number = 1
        self.taken: Counter[str] = Counter()
        self.passed: list[str] = []

    def run(self) -> Iterator[str]:
        """The steps of its life, with what happens beside them."""
        for name in self._steps():
            for aside in self.asides_before(name):
                yield from Beside(self, aside).run()
            if not self.is_in_hands:
                return
            yield name

    def asides_before(self, name: str) -> list[Aside]:
        if self.round_number > len(self.matter.rounds) or self.in_round(name) in self.passed:
            return []
        self.passed.append(self.in_round(name))
        return [aside for aside in self.matter.rounds[self.round_number - 1].asides if aside.before == name]

    @property
    def is_in_hands(self) -> bool:
        """Whether anything is still to be done: withdrawn matters end in the middle."""
        return not self.case_id or self.case.state != CaseState.WITHDRAWN

    def _steps(self) -> Iterator[str]:
        yield "register"
        self._register()
        if self.matter.course == "declined":
            yield from self._decline()
        elif self.matter.course in ("on_the_spot", "evaluated"):
            yield from self._answer_on_the_spot()
        else:
            yield "accept"
            self._accept()
            if self.matter.main:
                yield from self._merge()
            for number, planned in enumerate(self.matter.rounds, start=1):
                self.round_number = number
                yield from self._handle(planned)

    def further(self, contact: Further) -> Iterator[str]:
        """Somebody raises it once more."""
        yield "join"
        if contact.channel == Channel.WEB:
            door.tell_more(self, contact)
            return
        actor = self.cast.at_desk(self.now, self.chance, without=self.case.barred_ids)
        resident = self.neighbours.known(contact.resident, actor=actor, now=self.now)
        visit = register_visit(
            hall=self.cast.hall,
            actor=actor,
            now=self.now,
            channel=contact.channel,
            matter=contact.matter,
            resident=resident,
            headcount=contact.headcount,
            is_verified=contact.channel in READ_BACK,
        )
        join_visit(case_id=self.case_id, visit=visit, actor=actor, now=self.now)

    def in_round(self, step: str) -> str:
        """The step as the script names it: "report", in later rounds "2:report"."""
        return step if self.round_number == 1 else f"{self.round_number}:{step}"

    def key_of(self, step: str) -> str:
        """The same, and "report#2" when it comes for the second time in its round. Called once for each step."""
        name = self.in_round(step)
        self.taken[name] += 1
        return name if self.taken[name] == 1 else f"{name}#{self.taken[name]}"

    @property
    def case(self) -> Case:
        """As it is now."""
        return Case.objects.select_related("hall", "category", "resident").get(pk=self.case_id)

    def phrase(self, kind: str) -> str:
        return self.chance.choice(self.phrases[kind])

    def _category(self, name: str) -> Category:
        return Category.objects.select_related("default_department").get(
            hall=self.cast.hall, name=name, parent__isnull=False
        )

    def _register(self) -> None:
        matter = self.matter
        if matter.channel == Channel.WEB:
            self.case_id = door.send_form(self).pk
            return
        about = [self.cast.by_username[username] for username in matter.about_staff]
        barred = {person.pk for person in about}
        actor = (
            self.cast.by_username[matter.desk]
            if matter.desk
            else self.cast.at_desk(self.now, self.chance, without=barred)
        )
        case = register_case(
            visit=self._visit(actor),
            actor=actor,
            now=self.now,
            nature=matter.nature,
            category=self._category(matter.category),
            urgency=matter.urgency,
        )
        self.case_id = case.pk
        if matter.about:
            lodge(case_id=case.pk, about_staff=about, about=matter.about, actor=actor, now=self.now)

    def _visit(self, actor: Staff) -> Visit:
        matter = self.matter
        resident = self._resident(actor)
        return register_visit(
            hall=self.cast.hall,
            actor=actor,
            now=self.now,
            channel=matter.channel,
            matter=matter.matter,
            resident=resident,
            identity=matter.identity,
            headcount=matter.headcount,
            received_at=self.now - timedelta(hours=matter.received_hours_before),
            is_verified=matter.channel in READ_BACK and resident is not None,
            outside_number=matter.outside_number,
            outside_due_at=self.now + timedelta(days=matter.outside_days) if matter.outside_days else None,
        )

    def _resident(self, actor: Staff) -> Resident | None:
        if self.matter.identity == Identity.ANONYMOUS:
            return None
        return self.neighbours.known(self.matter.resident, actor=actor, now=self.now)

    def _accept(self) -> None:
        case = self.case
        screened = self.matter.screened
        accept(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.owner(case, self.now, self.chance),
            now=self.now,
            nature=screened.get("nature", case.nature),
            category=self._category(screened.get("category", self.matter.category)),
            urgency=screened.get("urgency", case.urgency),
            headcount=case.headcount,
        )

    def _merge(self) -> Iterator[str]:
        """Into a matter that says the same; its result is then told to this resident too."""
        yield "merge"
        case, main = self.case, self.others[self.matter.main].case
        merge(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.owner(case, self.now, self.chance),
            now=self.now,
            main_id=main.pk,
        )
        if self.matter.unmerged:
            yield "unmerge"
            case = self.case
            unmerge(
                case_id=case.pk,
                transition_no=case.transition_no,
                actor=self.cast.director,
                now=self.now,
                reason=self.matter.unmerged,
            )

    def _decline(self) -> Iterator[str]:
        yield "decline"
        case = self.case
        decline(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.owner(case, self.now, self.chance),
            now=self.now,
            ground=self.matter.ground,
            advice=self.matter.advice,
        )
        yield "tell_declined"
        case = self.case
        tell_declined(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.owner(case, self.now, self.chance),
            now=self.now,
            means="phone",
            told_at=self.now,
            told_to=self.told_to(case),
        )

    def _answer_on_the_spot(self) -> Iterator[str]:
        planned = self.matter.rounds[0]
        yield "answer"
        case = self.case
        actor = self.cast.owner(case, self.now, self.chance)
        if self.matter.course == "evaluated":
            answers = planned.follow_up
            answer_and_evaluate(
                case_id=case.pk,
                transition_no=case.transition_no,
                actor=actor,
                now=self.now,
                text=planned.answer,
                contacted=answers.contacted,
                solved=answers.solved,
                satisfaction=answers.satisfaction,
                reasons=answers.reasons,
                remark=answers.remark,
                signature=self.signed(),
                told_to=self.told_to(case),
            )
            return
        at_desk = case.channel == Channel.WALK_IN
        answer_on_the_spot(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=actor,
            now=self.now,
            text=planned.answer,
            signature=self.signed() if at_desk else Signature("none", unsigned_reason=self.phrase("unsigned")),
            told_to=self.told_to(case),
            means="desk" if at_desk else "phone",
        )
        if self.case.is_open:
            yield from self._follow_up(planned.follow_up)

    def _handle(self, planned: Round) -> Iterator[str]:
        if self.case.waits_to_be_confirmed():
            yield "confirm"
            self._confirm()
        leg = Leg(self, planned)
        while self.case.state == CaseState.MERGED:
            yield "wait"
        yield from leg.tell() if self.case.state == CaseState.FEEDBACK else leg.run()
        yield from self._follow_up(planned.follow_up)
        if planned.follow_up.late is not None:
            yield from door.answer_late(self, planned.follow_up.late)

    def _confirm(self) -> None:
        case = self.case
        if case.nature != Nature.COMPLAINT or not case.waits_to_be_confirmed():
            return
        confirm(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.owner(case, self.now, self.chance),
            now=self.now,
            means="phone",
            confirmed_at=self.now,
        )

    def _follow_up(self, planned: FollowUp) -> Iterator[str]:
        """By somebody at the desk who did not handle it; or by the residents themselves."""
        if planned.how == "anonymous":
            yield "follow_up"
            case = self.case
            close_anonymous(case_id=case.pk, transition_no=case.transition_no, actor=self._follower(case), now=self.now)
            return
        if planned.how == "concluded":
            yield "conclude"
            case = self.case
            conclude(
                case_id=case.pk,
                transition_no=case.transition_no,
                actor=self.cast.director,
                now=self.now,
                letter=planned.reasons,
                review_body=planned.remark,
            )
            return
        if planned.how == "desk":
            yield "evaluate"
            self._evaluate_at_desk(planned)
            return
        if planned.how == "link":
            yield "evaluate"
            door.answer(self, planned)
            return
        missed = 3 if planned.how == "unreachable" else planned.missed
        for number in range(missed):
            yield "try_again" if number else "follow_up"
            case = self.case
            record_attempt(
                case_id=case.pk,
                transition_no=case.transition_no,
                actor=self._follower(case),
                now=self.now,
                means="visit" if number == 2 else "phone",
                remark=self.phrase("nobody_there"),
            )
        yield "conclude" if planned.how == "unreachable" else "try_again" if missed else "follow_up"
        case = self.case
        if planned.how == "unreachable":
            close_unreachable(
                case_id=case.pk, transition_no=case.transition_no, actor=self._follower(case), now=self.now
            )
            return
        record_evaluation(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self._follower(case),
            now=self.now,
            channel=planned.how,
            contacted=planned.contacted,
            solved=planned.solved,
            satisfaction=planned.satisfaction,
            reasons=planned.reasons,
            remark=planned.remark,
        )

    def _evaluate_at_desk(self, planned: FollowUp) -> None:
        case = self.case
        evaluate_at_desk(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=self.cast.at_desk(self.now, self.chance, without=case.barred_ids),
            now=self.now,
            contacted=planned.contacted,
            solved=planned.solved,
            satisfaction=planned.satisfaction,
            reasons=planned.reasons,
            remark=planned.remark,
            signature=self.signed(),
        )

    def _follower(self, case: Case) -> Staff:
        return self.cast.at_desk(self.now, self.chance, without=case.barred_ids | case.handler_ids)

    def told_to(self, case: Case) -> str:
        return case.resident.name if case.resident and case.identity == Identity.NAMED else ""

    def signed(self) -> Signature:
        if self.chance.random() < 0.5:
            return Signature(SignatureKind.PAPER)
        return Signature(SignatureKind.TABLET, image=inspect_signature(scribble(self.chance)))
