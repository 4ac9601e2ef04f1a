"""The notice board: drafted from a case or from nothing, reviewed, published by the director, taken down."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from cases.actions.bar import bar
from cases.models import Case
from followups.board import postings
from followups.board.drafting import change, discard, draft_notice, draft_posting, give_back, hand_in
from followups.board.publishing import publish, take_down
from followups.board.review import HIDDEN, marks_of
from followups.board.wording import from_case
from followups.posting import Posting
from foundation.ledger.actions import hall_chain
from foundation.ledger.models import Entry
from foundation.notifications.models import Alert
from foundation.organization.models import Membership, Role, Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.postings import CLEAN, TUESDAY, drafted, handed_in, press, published


def entries(town: Town) -> list[tuple[str, dict[str, Any]]]:
    chain = hall_chain(town.north)
    found = Entry.objects.filter(chain=chain, kind__startswith="board.").order_by("seq")
    return [(entry.kind, json.loads(entry.payload)) for entry in found]


# Drafting


def test_a_draft_begins_with_the_cases_own_words(town: Town) -> None:
    words = from_case(matters.informed(town))
    assert (words.kind, words.raised, words.text) == ("outcome", matters.LEAK, "屋面防水层破损。\n已重做防水层。")
    assert from_case(matters.informed(town, nature="suggestion")).kind == "improvement"


def test_receptionist_director_and_the_departments_that_worked_on_it_may_draft(town: Town) -> None:
    case = matters.informed(town)
    for drafter in (town.lin, town.chen, town.wang, town.zhao):
        assert drafted(town, drafter, case).drafted_by == drafter
    assert [kind for kind, _payload in entries(town)] == ["board.drafted"] * 4


def test_nobody_else_may_draft(town: Town) -> None:
    case = matters.informed(town)
    for stranger in (town.sun, town.feng, town.gu, town.lu, town.han):
        with pytest.raises(NotAllowed):
            drafted(town, stranger, case)
    assert not Posting.objects.exists()


def test_a_matter_whose_resident_was_not_told_yet_is_not_drafted(town: Town) -> None:
    with pytest.raises(WrongState):
        drafted(town, case=matters.reported(town))


def test_the_case_stays_where_it_is_and_a_form_sent_twice_drafts_once(town: Town) -> None:
    key = drafted(town, case=matters.informed(town)).submission_key
    case = Case.objects.get()
    assert (case.state, case.chain.entries.order_by("-seq")[0].kind) == ("follow_up", "case.posting_drafted")
    with pytest.raises(Stale):
        draft_posting(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=town.lin,
            now=TUESDAY,
            kind="outcome",
            submission_key=key,
            **CLEAN,
        )
    assert Posting.objects.count() == 1


@pytest.mark.parametrize(("field", "words"), [("title", " "), ("text", ""), ("title", "长" * 81), ("kind", "figures")])
def test_what_is_missing_or_wrong_is_said_at_its_field(field: str, words: str, town: Town) -> None:
    given: dict[str, Any] = {field: words}
    with pytest.raises(Refused) as refusal:
        drafted(town, **given)
    assert refusal.value.field == field


def test_a_notice_comes_from_the_desk_or_the_director_alone(town: Town) -> None:
    for keeper in (town.lin, town.chen):
        draft_notice(hall=town.north, actor=keeper, now=TUESDAY, title="春节开放时间", text="初八起照常开放。")
    for other in (town.wang, town.feng, town.gu, town.lu):
        with pytest.raises(NotAllowed):
            draft_notice(hall=town.north, actor=other, now=TUESDAY, title="春节开放时间", text="初八起照常开放。")


# Review


def test_what_is_handed_in_lies_with_the_director_who_is_told_without_a_word_of_it(town: Town) -> None:
    posting = handed_in(town)
    alert = Alert.objects.get(key__startswith=f"board:{posting.pk}:")
    assert (alert.recipient, alert.url) == (town.chen, f"/board/{posting.pk}/")
    assert "漏水" not in alert.text + str(alert.params)
    with pytest.raises(NotAllowed):
        press(change, posting, town.lin, **CLEAN)
    press(change, posting, town.chen, **CLEAN)


def test_given_back_with_a_remark_the_drafter_changes_it_and_hands_it_in_again(town: Town) -> None:
    posting = handed_in(town)
    with pytest.raises(Refused):
        press(give_back, posting, town.chen, remark=" ")
    posting = press(give_back, posting, town.chen, remark="请删去楼号。")
    assert (posting.state, posting.remark) == ("draft", "请删去楼号。")
    assert Alert.objects.filter(recipient=town.lin, key=f"board:{posting.pk}:{posting.transition_no}").exists()
    posting = press(change, posting, town.lin, **CLEAN)
    assert press(hand_in, posting, town.lin).remark == ""


def test_a_draft_can_be_thrown_away_and_what_hangs_on_the_board_cannot(town: Town) -> None:
    posting = drafted(town)
    press(discard, posting, town.lin)
    assert not Posting.objects.exists()
    assert [kind for kind, _payload in entries(town)] == ["board.drafted", "board.discarded"]
    with pytest.raises(WrongState):
        press(discard, published(town), town.chen)


# Publishing


def test_the_director_alone_publishes(town: Town) -> None:
    posting = handed_in(town)
    for other in (town.lin, town.mei, town.wang, town.zhao, town.feng, town.tang, town.han):
        with pytest.raises(NotAllowed):
            press(publish, posting, other)
    assert press(publish, posting, town.chen).published_by == town.chen
    assert [one.pk for one in postings(town.north)] == [posting.pk]
    assert not postings(town.south).exists()


def test_a_draft_nobody_handed_in_is_not_published(town: Town) -> None:
    with pytest.raises(WrongState):
        press(publish, drafted(town), town.chen)


def test_each_mark_is_changed_or_confirmed_before_it_is_published_and_the_record_says_which(town: Town) -> None:
    posting = handed_in(town, text="三栋楼顶的防水层已经重做，王女士表示满意。")
    first, second = marks_of(posting, reader=town.chen)
    assert (first.hit.words, second.hit.words) == ("三栋楼", "王女士")
    for confirmed in ([], [first.key], [second.key], ["nothing"]):
        with pytest.raises(Refused):
            press(publish, posting, town.chen, confirmed=confirmed)
    assert Posting.objects.get().state == "in_review"
    posting = press(change, posting, town.chen, **(CLEAN | {"text": "三栋楼顶的防水层已经重做。"}))
    with pytest.raises(Refused):
        # Something in the sentence has changed: what was confirmed there is looked at again.
        press(publish, posting, town.chen, confirmed=[first.key, second.key])
    [mark] = marks_of(posting, reader=town.chen)
    press(publish, posting, town.chen, confirmed=[mark.key])
    kind, payload = entries(town)[-1]
    assert (kind, payload["confirmed"], payload["marks"]) == ("board.published", {"address": 1}, [mark.key])
    assert payload["digest"] == Posting.objects.get().digest
    assert "case" not in payload


def test_where_the_identity_is_hidden_this_is_confirmed_too(town: Town) -> None:
    case = matters.informed(town, identity="hidden")
    posting = handed_in(town, case=case)
    with pytest.raises(Refused) as refusal:
        press(publish, posting, town.chen)
    assert refusal.value.field == HIDDEN
    press(publish, posting, town.chen, confirmed=[HIDDEN])


def test_a_mark_never_tells_who_the_resident_is_to_who_may_not_know(town: Town) -> None:
    case = matters.informed(town, identity="hidden")
    posting = drafted(town, case=case, text="已答复秀兰。")
    assert [mark.hit.reason for mark in marks_of(posting, reader=town.chen)] == ["resident"]
    assert marks_of(posting, reader=town.lin) == []


def test_what_was_changed_after_the_page_was_drawn_is_not_published(town: Town) -> None:
    seen = handed_in(town)
    press(change, seen, town.chen, **(CLEAN | {"text": "王秀兰家的防水层已经重做。"}))
    with pytest.raises(Stale):
        press(publish, seen, town.chen)
    assert not postings(town.north).exists()


def test_published_twice_it_is_published_once(town: Town) -> None:
    posting = handed_in(town)
    press(publish, posting, town.chen)
    with pytest.raises(Stale):
        press(publish, posting, town.chen)
    assert [kind for kind, _payload in entries(town)].count("board.published") == 1


def test_where_the_director_is_barred_the_street_office_publishes_and_the_director_sees_no_draft(town: Town) -> None:
    case = matters.informed(town, nature="complaint")
    bar(case_id=case.pk, staff=town.chen, reason="投诉其本人。", actor=town.lin, now=TUESDAY)
    posting = handed_in(town, case=Case.objects.get(pk=case.pk))
    assert set(Alert.objects.filter(key__startswith="board:").values_list("recipient", flat=True)) == {town.tang.pk}
    assert not Posting.objects.visible_to(town.chen).exists()
    for other in (town.chen, town.feng):
        with pytest.raises(NotAllowed):
            press(publish, posting, other)
    press(publish, posting, town.tang)
    # On the board it is everybody's.
    assert Posting.objects.visible_to(town.chen).count() == 1
    with pytest.raises(NotAllowed):
        press(take_down, Posting.objects.get(), town.chen, because="over")


def test_who_drafted_it_and_is_then_barred_neither_sees_nor_changes_it(town: Town) -> None:
    case = matters.informed(town)
    posting = drafted(town, town.wang, case)
    bar(case_id=case.pk, staff=town.wang, reason="投诉其本人。", actor=town.lin, now=TUESDAY)
    assert not Posting.objects.visible_to(town.wang).exists()
    with pytest.raises(NotAllowed):
        press(change, posting, town.wang, **CLEAN)


def test_without_a_director_the_street_office_publishes_a_notice_of_the_hall(town: Town) -> None:
    notice = draft_notice(hall=town.north, actor=town.lin, now=TUESDAY, title="停水", text="周三上午停水。")
    notice = press(hand_in, notice, town.lin)
    Membership.objects.filter(staff=town.chen, role=Role.DIRECTOR).update(ended_at=TUESDAY)
    assert press(publish, notice, town.tang).state == "published"


# Off the board


def test_it_is_taken_down_for_a_reason_and_stays_down(town: Town) -> None:
    posting = published(town)
    with pytest.raises(Refused):
        press(take_down, posting, town.chen, because="")
    with pytest.raises(NotAllowed):
        press(take_down, posting, town.lin, because="over")
    posting = press(take_down, posting, town.chen, because="wrong")
    assert not postings(town.north).exists()
    assert entries(town)[-1][1]["because"] == "wrong"
    with pytest.raises(WrongState):
        press(publish, posting, town.chen)


@pytest.mark.parametrize("field", ["title", "raised", "text"])
def test_the_database_lets_nobody_alter_or_delete_what_was_published(field: str, town: Town) -> None:
    posting = published(town)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Posting.objects.filter(pk=posting.pk).update(**{field: "别的话"})
    with pytest.raises(ProgrammingError), transaction.atomic():
        posting.delete()
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        Posting.objects.filter(pk=posting.pk).update(state="draft")


# Who sees what


def test_drafts_are_seen_inside_and_postings_by_everybody_of_the_hall(town: Town) -> None:
    draft, hanging = drafted(town), published(town)

    def seen(staff: Staff) -> set[int]:
        return set(Posting.objects.visible_to(staff).values_list("pk", flat=True))

    for inside in (town.lin, town.chen, town.feng, town.tang, town.wang, town.zhao):
        assert seen(inside) == {draft.pk, hanging.pk}
    for outside in (town.gu, town.he, town.sun):
        assert seen(outside) == {hanging.pk}
    for stranger in (town.lu, town.han):
        assert seen(stranger) == set()
