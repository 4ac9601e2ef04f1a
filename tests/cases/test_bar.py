"""Whoever a complaint is about is barred: shown nothing of the case, asked nothing, told nothing."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.models import Case, TransferSlip
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused
from tests import matters
from tests.builders import Town, on_shift
from tests.cases.course_steps import merge, unmerge
from tests.cases.steps import accept, fresh, give_back, kinds, last_entry, march, refused, told, transfer

NOON = march(2, 12)


def barred(case: Case | TransferSlip, person: Staff, by: Staff | None, reason: str = "居民投诉其本人") -> Case:
    return bar(case_id=fresh(case).pk, staff=person, reason=reason, actor=by, now=NOON)


@pytest.fixture
def case(town: Town) -> Case:
    return matters.registered(town)


def test_the_barred_see_the_case_nowhere_and_everybody_else_as_before(town: Town):
    slip = matters.transferred(town)
    barred(slip, town.wang, town.lin)
    for person, sees in ((town.wang, False), (town.qian, True), (town.lin, True), (town.tang, True), (town.lu, False)):
        assert Case.objects.visible_to(person).exists() is sees
        assert TransferSlip.objects.visible_to(person).exists() is sees
    assert not TransferSlip.objects.of_departments_of(town.wang).exists()


def test_everything_they_were_told_about_it_vanishes_and_nothing_else(town: Town):
    slip, other = matters.transferred(town), matters.transferred(town, identity="anonymous")
    barred(slip, town.wang, town.lin)
    left = Alert.objects.visible_to(town.wang)
    assert set(left.values_list("chain", flat=True)) == {other.case.chain_id}
    assert Alert.objects.visible_to(town.qian).filter(chain=slip.case.chain).exists()


def test_the_record_says_who_was_barred_and_why(town: Town, case: Case):
    barred(case, town.mei, town.lin)
    entry = last_entry(case)
    assert (entry.kind, entry.actor, entry.payload["staff"]) == ("case.person_barred", town.lin, town.mei.pk)
    assert entry.texts == {"reason": "居民投诉其本人"}


def test_forms_of_the_others_stay_good(town: Town, case: Case):
    drawn = fresh(case).transition_no
    barred(case, town.mei, town.lin)
    assert accept(case, town.lin, transition_no=drawn).state == "accepted"


def test_the_barred_owner_is_followed_by_the_receptionist_on_duty(town: Town, case: Case):
    on_shift(town.mei, town.north, march(2, 9))
    on_shift(town.wang, town.north, march(2, 9))
    heir = barred(case, town.lin, town.chen)
    assert heir.first_contact_owner == heir.responsible_staff == town.mei
    assert told(case, NOON) == {"mei"}
    assert [(part.staff, part.role) for part in fresh(case).active_parts] == [
        (town.lin, "barred"),
        (town.mei, "owner"),
    ]


def test_with_nobody_on_duty_the_director_follows_then_the_street_then_the_supervisors(town: Town, case: Case):
    assert barred(case, town.lin, town.mei).first_contact_owner == town.chen
    assert barred(case, town.chen, town.mei).first_contact_owner == town.tang
    assert barred(case, town.tang, town.mei).first_contact_owner == town.feng


def test_where_nobody_is_left_to_own_it_nobody_is_barred(town: Town, case: Case):
    for person in (town.chen, town.tang, town.feng):
        barred(case, person, town.lin)
    with refused(Refused, case):
        barred(case, town.lin, town.mei)


def test_a_director_who_is_to_decide_is_followed_by_the_street(town: Town):
    slip = give_back(matters.transferred(town), town.zhao)
    slip = give_back(transfer(slip, town.lin, town.property), town.zhou)
    assert fresh(slip).responsible_staff == town.chen
    assert barred(slip, town.chen, town.lin).responsible_staff == town.tang


def test_a_barred_handler_leaves_the_slip_to_the_department(town: Town):
    slip = matters.signed(town)
    case = barred(slip, town.wang, town.lin)
    assert (case.responsible_staff, case.responsible_department) == (None, town.works)
    assert TransferSlip.objects.get(pk=slip.pk).handler is None
    # They have handled it all the same: they neither follow it up nor handle a later round.
    assert case.was_handled_by(town.wang)


def test_a_result_already_reported_keeps_the_name_of_its_handler(town: Town):
    case = matters.reported(town)
    barred(case, town.wang, town.lin)
    assert case.slips.get().handler == town.wang


def test_barring_twice_changes_nothing(town: Town, case: Case):
    barred(case, town.mei, town.lin)
    barred(case, town.mei, town.lin)
    assert kinds(case).count("case.person_barred") == 1


def test_nobody_bars_themselves(town: Town, case: Case):
    with refused(Refused, case, field="about"):
        barred(case, town.lin, town.lin)


def test_a_reason_is_given(town: Town, case: Case):
    with refused(Refused, case, field="reason"):
        barred(case, town.mei, town.lin, reason=" ")


@pytest.mark.parametrize("who", ["wang", "zhao", "gu", "he", "lu", "han", "xu"])
def test_barring_is_for_the_desk_the_director_and_the_supervisors(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        barred(case, town.mei, getattr(town, who))


def test_the_barred_bar_nobody(town: Town, case: Case):
    barred(case, town.mei, town.lin)
    with refused(NotAllowed, case):
        barred(case, town.lin, town.mei)


def test_a_complaint_over_the_web_bars_without_any_staff(town: Town, case: Case):
    assert barred(case, town.mei, None).bars(town.mei)


@pytest.mark.parametrize("named_on", ["main", "merged", "sibling"])
def test_who_is_barred_from_one_of_the_merged_is_barred_from_all_of_them(town: Town, named_on: str):
    """They are one matter: the complaint of the neighbour tells as much as the one that names the person."""
    phones = ("13805716040", "13805716041", "13805716042")
    residents = [matters.a_resident(town, name="李桂芳", phone=phone) for phone in phones]
    main = fresh(matters.transferred(town, nature="complaint", resident=residents[0]))
    merged, sibling, alone = (
        matters.accepted(town, nature="complaint", resident=residents[1]),
        matters.accepted(town, nature="complaint", resident=residents[2]),
        matters.accepted(town, nature="complaint", identity="anonymous"),
    )
    merge(merged, main, town.lin, march(2, 10))
    merge(sibling, main, town.lin, march(2, 10))
    one = {"main": main, "merged": merged, "sibling": sibling}[named_on]
    barred(one, town.mei, town.lin)
    assert set(Case.objects.visible_to(town.mei)) == {alone}
    assert all(last_entry(case).kind == "case.person_barred" for case in (main, merged, sibling))
    assert [fresh(case).unheard for case in (main, merged, sibling, alone)] == [1, 1, 1, 0]
    told_of = Alert.objects.visible_to(town.mei).values_list("chain", flat=True)
    assert not set(told_of) & {main.chain_id, merged.chain_id, sibling.chain_id}
    assert barred(one, town.mei, town.lin).unheard == 1


def test_what_was_unmerged_before_is_another_matter(town: Town):
    main = fresh(matters.transferred(town, nature="complaint"))
    other = matters.accepted(town, nature="complaint", identity="anonymous")
    merge(other, main, town.lin, march(2, 10))
    unmerge(other, town.chen, march(2, 11))
    barred(main, town.mei, town.lin)
    assert list(Case.objects.visible_to(town.mei)) == [other]
