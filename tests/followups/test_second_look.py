"""A second look: heads and the director ask once more about rounds drawn by chance, never about their own work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django_fsm import has_transition_perm

from cases.actions.bar import bar
from cases.models import Case, Part
from followups.actions.attempt import close_anonymous
from followups.actions.late import reopen_archived
from followups.actions.second_look import look_again
from followups.models import LateAnswer, SecondLook, SecondLookShare
from followups.second_look import quarter_of, sample, seed_shares, shares_of, to_count, worklist
from foundation.ledger.actions import open_chains
from foundation.notifications.models import Alert
from foundation.organization.models import Membership, Role, Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.after_matters import TUESDAY, WEDNESDAY, archived
from tests.builders import Town, make_hall
from tests.followups.stories import last_entry, texts_of_last_entry
from tests.matters import MONDAY, SHANGHAI, informed
from web.figures import count_all

THURSDAY = WEDNESDAY + timedelta(days=1)


def looked(case: Case, by: Staff, outcome: str = "confirmed", at: datetime = THURSDAY, **more: Any) -> Case:
    return look_again(case_id=case.pk, transition_no=case.transition_no, actor=by, now=at, outcome=outcome, **more)


def everything_is_drawn(town: Town) -> None:
    SecondLookShare.objects.filter(hall=town.north).update(percent=100)


def waits_for(town: Town, staff: Staff, at: datetime = THURSDAY) -> set[str]:
    # Roles are read once a person; a test that has changed them asks a fresh one.
    fresh = Staff.objects.get(pk=staff.pk)
    return set(
        worklist(town.north, fresh, quarter_of(town.north, at), shares_of(town.north)).values_list("number", flat=True)
    )


def test_a_hall_begins_with_the_shares_of_the_rule(town: Town) -> None:
    assert shares_of(make_hall("EST", "东里社区居民接待厅")) == {Role.DIRECTOR: 10, Role.HEAD: 30}


def test_what_the_hall_has_set_is_not_seeded_away(town: Town) -> None:
    SecondLookShare.objects.filter(hall=town.north, role=Role.HEAD).update(percent=55)
    seed_shares(town.north)
    assert shares_of(town.north)[Role.HEAD] == 55


def test_head_and_director_find_what_was_drawn_for_them(town: Town) -> None:
    case = archived(town)
    everything_is_drawn(town)
    assert waits_for(town, town.zhao) == {case.number}
    assert waits_for(town, town.chen) == {case.number}


@pytest.mark.parametrize("name", ["zhou", "wang", "lin", "mei", "feng", "han", "shen", "tang"])
def test_nobody_else_does(town: Town, name: str) -> None:
    case = archived(town)
    everything_is_drawn(town)
    SecondLookShare.objects.update(percent=100)
    assert waits_for(town, getattr(town, name)) == set()
    with pytest.raises(NotAllowed):
        looked(case, getattr(town, name))
    assert not SecondLook.objects.exists()


def test_without_a_share_nothing_is_drawn(town: Town) -> None:
    archived(town)
    SecondLookShare.objects.update(percent=0)
    assert waits_for(town, town.zhao) == waits_for(town, town.chen) == set()


@pytest.mark.parametrize("role", ["handler", "follower_up"])
def test_who_handled_it_or_followed_it_up_does_not_look_again(town: Town, role: str) -> None:
    case = archived(town)
    everything_is_drawn(town)
    Part.objects.create(case=case, staff=town.zhao, role=role, round=1, started_at=MONDAY)
    assert waits_for(town, town.zhao) == set()
    with pytest.raises(NotAllowed):
        looked(case, town.zhao)


def test_who_is_barred_finds_nothing_of_it(town: Town) -> None:
    case = archived(town)
    everything_is_drawn(town)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉人", actor=None, now=TUESDAY)
    assert waits_for(town, town.chen) == set()
    with pytest.raises(NotAllowed):
        looked(Case.objects.get(pk=case.pk), town.chen)


@pytest.mark.parametrize("how", ["open", "anonymous", "imported", "last quarter"])
def test_what_cannot_be_asked_about_is_not_drawn(town: Town, how: str) -> None:
    everything_is_drawn(town)
    if how == "open":
        informed(town)
    elif how == "anonymous":
        case = informed(town, identity="anonymous", channel="web")
        close_anonymous(case_id=case.pk, transition_no=case.transition_no, actor=town.mei, now=TUESDAY)
    elif how == "imported":
        Case.objects.filter(pk=archived(town).pk).update(imported_at=THURSDAY)
    else:
        archived(town, now=MONDAY - timedelta(days=90), at=TUESDAY - timedelta(days=89))
    assert waits_for(town, town.chen) == set()


def many(town: Town, count: int = 120) -> QuerySet[Case]:
    """Copies of one archived case; only what the draw asks of them matters."""
    case = archived(town)
    for number, chain in enumerate(open_chains(hall=town.north, count=count, now=THURSDAY)):
        copy = Case.objects.get(pk=case.pk)
        copy.pk, copy._state.adding = None, True
        copy.number, copy.tracking_code = f"NTH-2026-9{number:05}", f"C{number:012}"
        copy.chain = chain
        copy.save(force_insert=True)
    return Case.objects.filter(number__startswith="NTH-2026-9")


def test_the_draw_is_the_same_for_ever_and_about_as_large_as_the_share(town: Town) -> None:
    cases = many(town)
    days = quarter_of(town.north, THURSDAY)

    def drawn(percent: int) -> set[int]:
        found = sample(Case.objects.filter(pk__in=cases.values("pk")), town.north, Role.DIRECTOR, percent, days)
        return set(found.values_list("pk", flat=True))

    assert drawn(30) == drawn(30)
    # A larger share adds to the draw and takes nothing back.
    assert drawn(0) == set()
    assert drawn(10) < drawn(30) < drawn(100)
    assert len(drawn(100)) == 120
    assert 15 <= len(drawn(30)) <= 58


def test_the_key_of_the_house_decides_and_not_the_numbers(town: Town, settings: Any) -> None:
    cases = many(town, 60)
    days = quarter_of(town.north, THURSDAY)

    def drawn() -> set[int]:
        chosen = Case.objects.filter(pk__in=cases.values("pk"))
        return set(sample(chosen, town.north, Role.DIRECTOR, 40, days).values_list("pk", flat=True))

    with_one = drawn()
    settings.SECRET_KEY = "another key altogether"
    assert drawn() != with_one


def test_a_confirmed_look_is_kept_and_leaves_the_list(town: Town) -> None:
    case = archived(town)
    everything_is_drawn(town)
    case = looked(case, town.zhao, remark="屋顶没有再漏")
    assert case.state == "archived"
    look = SecondLook.objects.get()
    assert (look.role, look.by, look.outcome, look.round, look.at) == ("head", town.zhao, "confirmed", 1, THURSDAY)
    assert (last_entry(case).kind, texts_of_last_entry(case)) == ("case.second_look", {"remark": "屋顶没有再漏"})
    assert waits_for(town, town.zhao) == set()
    # The director's own draw is another one.
    assert waits_for(town, town.chen) == {case.number}
    assert not LateAnswer.objects.exists()


def test_nobody_reached_stays_on_the_list(town: Town) -> None:
    case = archived(town)
    everything_is_drawn(town)
    case = looked(case, town.zhao, "not_reached")
    assert waits_for(town, town.zhao) == {case.number}
    looked(case, town.zhao, "confirmed", at=THURSDAY + timedelta(days=1))
    assert waits_for(town, town.zhao) == set()


def test_what_differs_goes_to_the_director_who_may_reopen_it(town: Town) -> None:
    case = archived(town)
    case = looked(case, town.zhao, "differs", differs="电话里说没修好")
    assert case.late_answer_at == THURSDAY
    late = LateAnswer.objects.get()
    assert (late.came, late.decision, late.reasons, late.archived_at) == (
        "second_look",
        "",
        "电话里说没修好",
        TUESDAY,
    )
    told = Alert.objects.filter(key__startswith="late:").values_list("recipient__username", flat=True)
    assert set(told) == {"chen"}
    case = reopen_archived(
        case_id=case.pk, transition_no=case.transition_no, actor=town.chen, now=THURSDAY, reason="重新办理"
    )
    assert (case.state, case.round) == ("accepted", 2)
    # Reopened, it is no archived round any more.
    everything_is_drawn(town)
    assert waits_for(town, town.chen) == set()


def test_it_must_say_what_differs(town: Town) -> None:
    case = archived(town)
    with pytest.raises(Refused) as refusal:
        looked(case, town.zhao, "differs", differs=" ")
    assert refusal.value.field == "differs"
    with pytest.raises(Refused) as refusal:
        looked(case, town.zhao, "perhaps")
    assert refusal.value.field == "outcome"
    assert not SecondLook.objects.exists()


def test_one_look_of_each_role_is_enough(town: Town) -> None:
    case = looked(archived(town), town.zhao)
    with pytest.raises(Refused):
        looked(case, town.zhao, "differs", differs="又漏了")
    assert looked(case, town.chen).state == "archived"
    assert SecondLook.objects.count() == 2


def test_sent_twice_it_is_written_down_once(town: Town) -> None:
    case = archived(town)
    looked(case, town.zhao)
    with pytest.raises(Stale):
        looked(case, town.zhao)
    assert SecondLook.objects.count() == 1


# Where nobody of a role is left, the next level looks: heads, director, street, the hall's supervisors.


def had_a_part(case: Case, staff: Staff, role: str = "handler") -> None:
    Part.objects.create(case=case, staff=staff, role=role, round=1, started_at=MONDAY)


def leaves(staff: Staff) -> None:
    Membership.objects.filter(staff=staff).update(ended_at=WEDNESDAY)


def counted(town: Town, staff: Staff) -> dict[str, int]:
    fresh = Staff.objects.get(pk=staff.pk)
    return count_all(to_count(town.north, fresh, quarter_of(town.north, THURSDAY), shares_of(town.north)), cap=None)


def only_for(town: Town, role: Role) -> None:
    SecondLookShare.objects.filter(hall=town.north).update(percent=0)
    SecondLookShare.objects.filter(hall=town.north, role=role).update(percent=100)


def test_what_the_only_director_handled_the_street_looks_at(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.DIRECTOR)
    assert waits_for(town, town.tang) == set()
    had_a_part(case, town.chen)
    assert waits_for(town, town.chen) == waits_for(town, town.feng) == set()
    assert waits_for(town, town.tang) == {case.number}
    with pytest.raises(NotAllowed):
        looked(case, town.feng)
    case = looked(case, town.tang, remark="居民说没有再漏")
    assert SecondLook.objects.get().role == "supervisor"
    assert waits_for(town, town.tang) == set()
    assert last_entry(case).data["role"] == "supervisor"
    with pytest.raises(Refused):
        looked(case, town.tang)


def test_what_is_about_the_director_as_well(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.DIRECTOR)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉人", actor=None, now=TUESDAY)
    case = Case.objects.get(pk=case.pk)
    assert waits_for(town, town.tang) == {case.number}
    with pytest.raises(Stale):
        look_again(
            case_id=case.pk, transition_no=case.transition_no - 1, actor=town.tang, now=THURSDAY, outcome="confirmed"
        )
    assert looked(case, town.tang).state == "archived"


def test_a_second_director_comes_before_the_street(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.DIRECTOR)
    had_a_part(case, town.chen)
    Membership.objects.create(staff=town.mei, role=Role.DIRECTOR, hall=town.north)
    assert waits_for(town, town.mei) == {case.number}
    assert waits_for(town, town.tang) == set()
    with pytest.raises(NotAllowed):
        looked(case, town.tang)


def test_where_the_street_has_nobody_left_the_halls_supervisors_look(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.DIRECTOR)
    had_a_part(case, town.chen)
    had_a_part(case, town.tang, "follower_up")
    assert waits_for(town, town.tang) == set()
    assert waits_for(town, town.feng) == {case.number}
    assert looked(case, town.feng).state == "archived"


@pytest.mark.parametrize("role", ["handler", "follower_up", "barred"])
def test_what_the_only_head_may_not_look_at_the_director_does(town: Town, role: str) -> None:
    case = archived(town)
    only_for(town, Role.HEAD)
    assert waits_for(town, town.chen) == set()
    had_a_part(case, town.zhao, role)
    assert waits_for(town, town.zhao) == waits_for(town, town.zhou) == waits_for(town, town.tang) == set()
    assert waits_for(town, town.chen) == {case.number}
    looked(case, town.chen)
    assert SecondLook.objects.get().role == "director"
    assert waits_for(town, town.chen) == set()
    # A head who comes later does not find it open again.
    Membership.objects.create(staff=town.qian, role=Role.HEAD, department=town.works, hall=town.north)
    assert waits_for(town, town.qian) == set()


def test_what_neither_head_nor_director_may_look_at_the_street_does(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.HEAD)
    had_a_part(case, town.zhao)
    had_a_part(case, town.chen, "follower_up")
    assert waits_for(town, town.chen) == set()
    assert waits_for(town, town.tang) == {case.number}


def test_nobody_reached_by_the_next_level_waits_on(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.DIRECTOR)
    had_a_part(case, town.chen)
    looked(case, town.tang, "not_reached")
    assert waits_for(town, town.tang) == {case.number}
    assert counted(town, town.tang)["director_done"] == 0


def test_what_the_director_has_looked_at_the_head_is_not_asked_any_more(town: Town) -> None:
    case = archived(town)
    everything_is_drawn(town)
    looked(case, town.chen)
    assert waits_for(town, town.zhao) == set()
    # Who did it is told apart.
    figures = counted(town, town.feng)
    assert (figures["head_drawn"], figures["head_done"], figures["head_above"]) == (1, 1, 1)
    assert (figures["director_drawn"], figures["director_done"], figures["director_above"]) == (1, 1, 0)


def test_who_is_head_and_director_finds_the_rounds_of_both(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.HEAD)
    Membership.objects.create(staff=town.zhao, role=Role.DIRECTOR, hall=town.north)
    assert waits_for(town, town.zhao) == {case.number}


def test_coverage_tells_apart_what_the_next_level_did_and_what_nobody_is_left_for(town: Town) -> None:
    own, above, waiting, nobody = (archived(town) for _number in range(4))
    only_for(town, Role.DIRECTOR)
    for case in (above, waiting, nobody):
        had_a_part(case, town.chen)
    for person in (town.tang, town.feng):
        had_a_part(nobody, person, "follower_up")
    looked(own, town.chen)
    looked(above, town.tang)
    assert waits_for(town, town.tang) == {waiting.number}
    figures = counted(town, town.feng)
    assert {name: figures[f"director_{name}"] for name in ("drawn", "done", "above", "nobody")} == {
        "drawn": 4,
        "done": 2,
        "above": 1,
        "nobody": 1,
    }


def test_who_hides_their_identity_is_asked_by_the_director_and_never_by_a_head(town: Town) -> None:
    case = archived(town, identity="hidden")
    everything_is_drawn(town)
    assert waits_for(town, town.zhao) == set()
    with pytest.raises(NotAllowed):
        looked(case, town.zhao)
    assert counted(town, town.feng)["head_drawn"] == 0
    assert waits_for(town, town.chen) == {case.number}
    assert looked(case, town.chen).state == "archived"


def test_where_the_director_handled_it_nobody_is_left_who_knows_whom_to_ask(town: Town) -> None:
    case = archived(town, identity="hidden")
    only_for(town, Role.DIRECTOR)
    had_a_part(case, town.chen)
    for person in (town.tang, town.feng):
        assert waits_for(town, person) == set()
        with pytest.raises(NotAllowed):
            looked(case, person)
    assert counted(town, town.feng)["director_nobody"] == 1


def test_where_the_director_is_barred_the_street_knows_whom_to_ask(town: Town) -> None:
    case = archived(town, identity="hidden")
    only_for(town, Role.DIRECTOR)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉人", actor=None, now=TUESDAY)
    assert counted(town, town.feng)["director_nobody"] == 0
    assert waits_for(town, town.tang) == {case.number}
    assert looked(Case.objects.get(pk=case.pk), town.tang).state == "archived"


def test_once_somebody_is_there_again_what_nobody_was_left_for_is_due(town: Town) -> None:
    case = archived(town)
    only_for(town, Role.DIRECTOR)
    for person in (town.chen, town.tang, town.feng):
        leaves(person)
    assert counted(town, town.zhao)["director_nobody"] == 1
    Membership.objects.create(staff=town.mei, role=Role.DIRECTOR, hall=town.north)
    assert counted(town, town.zhao)["director_nobody"] == 0
    assert waits_for(town, town.mei) == {case.number}


def test_the_list_offers_what_the_case_offers_to_everybody(town: Town) -> None:
    """Two ways of asking the same thing: rows for a list, one case for a button."""
    cases = [archived(town) for _number in range(6)]
    for case, unfit in zip(
        cases,
        ([], [town.chen], [town.zhao], [town.chen, town.zhao], [town.chen, town.tang], [town.chen, town.feng]),
        strict=True,
    ):
        for person in unfit:
            had_a_part(case, person)
    everything_is_drawn(town)
    found = set()
    for someone in (town.lin, town.wang, town.zhao, town.zhou, town.chen, town.feng, town.tang, town.gu, town.han):
        rows = waits_for(town, someone)
        for case in Case.objects.filter(pk__in=[case.pk for case in cases]):
            offered = has_transition_perm(case.look_again, someone)
            assert (case.number in rows) == offered, (someone.username, case.number)
            found.add((someone.username, offered))
    assert {name for name, offered in found if offered} == {"zhao", "chen", "feng", "tang"}


def test_what_is_still_open_is_followed_up_first(town: Town) -> None:
    with pytest.raises(WrongState):
        looked(informed(town), town.zhao)


def test_a_head_who_is_also_director_looks_as_director(town: Town) -> None:
    Membership.objects.create(staff=town.zhao, role=Role.DIRECTOR, hall=town.north)
    looked(archived(town), Staff.objects.get(pk=town.zhao.pk))
    assert SecondLook.objects.get().role == "director"


def test_a_quarter_is_one_of_the_year_in_the_halls_own_time(town: Town) -> None:
    new_year = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    assert quarter_of(town.north, new_year) == (new_year, datetime(2026, 4, 1, tzinfo=SHANGHAI))
    assert quarter_of(town.north, new_year - timedelta(seconds=1))[1] == new_year
    assert quarter_of(town.north, THURSDAY, back=1) == (datetime(2025, 10, 1, tzinfo=SHANGHAI), new_year)
