from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from foundation.organization.models import DutyShift
from tests.builders import Town, on_shift

# A Monday, ten in the morning in Shanghai.
TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ROSTER = "/duty/"


@pytest.fixture(autouse=True)
def _on_monday_morning():
    with time_machine.travel(TEN, tick=False):
        yield


def shift_data(town: Town, **changes: object) -> dict[str, object]:
    return {
        "staff": town.lin.pk,
        "starts_at": "2026-03-03T09:00",
        "ends_at": "2026-03-03T12:00",
        "week": "2026-03-02",
        **changes,
    }


def test_receptionist_mei_sees_who_is_on_duty_now_and_the_week(client: Client, town: Town) -> None:
    on_shift(town.lin, town.north, TEN - timedelta(hours=1), hours=3)
    on_shift(town.lu, town.south, TEN - timedelta(hours=1), hours=3)
    client.force_login(town.mei)
    page = client.get(ROSTER)
    assert page.context["on_duty"] == [town.lin]
    assert [[shift.staff.name for shift in day.shifts] for day in page.context["days"]] == [["Lin"], *[[]] * 6]
    assert page.context["days"][0].is_today


def test_a_shift_past_midnight_stands_on_both_days(client: Client, town: Town) -> None:
    on_shift(town.lin, town.north, TEN + timedelta(hours=10), hours=12, on_call=True)
    client.force_login(town.chen)
    days = client.get(ROSTER).context["days"]
    assert [len(day.shifts) for day in days] == [1, 1, 0, 0, 0, 0, 0]


def test_times_are_those_of_the_halls_own_clock(client: Client, town: Town) -> None:
    town.north.timezone = "Asia/Urumqi"
    town.north.save()
    client.force_login(town.chen)
    client.post(reverse("desk:duty_add"), shift_data(town))
    # Nine in Urumqi is three hours after midnight UTC.
    assert DutyShift.objects.get().starts_at == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


def test_director_chen_puts_lin_on_the_roster(client: Client, town: Town) -> None:
    client.force_login(town.chen)
    answer = client.post(reverse("desk:duty_add"), shift_data(town))
    assert answer["Location"] == "/duty/?week=2026-03-02"
    shift = DutyShift.objects.get()
    assert (shift.staff, shift.hall, shift.starts_at) == (town.lin, town.north, datetime(2026, 3, 3, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": "2026-03-03T08:00"}, "ends_at"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "2026-03-01T09:00", "ends_at": "2026-03-01T12:00"}, "ends_at"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    client: Client, town: Town, changes: dict[str, str], field: str
) -> None:
    client.force_login(town.chen)
    page = client.post(reverse("desk:duty_add"), shift_data(town, **changes))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert f'value="{changes.get("ends_at", "2026-03-03T12:00")}"' in page.content.decode()
    assert not DutyShift.objects.exists()


def test_the_same_person_twice_is_said_at_the_name(client: Client, town: Town) -> None:
    client.force_login(town.chen)
    client.post(reverse("desk:duty_add"), shift_data(town))
    page = client.post(reverse("desk:duty_add"), shift_data(town, starts_at="2026-03-03T10:00"))
    assert "staff" in page.context["form"].errors
    assert DutyShift.objects.count() == 1


def test_a_person_of_the_other_hall_cannot_be_forged_onto_the_roster(client: Client, town: Town) -> None:
    client.force_login(town.chen)
    assert client.post(reverse("desk:duty_add"), shift_data(town, staff=town.lu.pk)).status_code == 422
    assert not DutyShift.objects.exists()


def test_removing_and_handing_over_lead_back_to_the_week(client: Client, town: Town) -> None:
    shift = on_shift(town.lin, town.north, TEN - timedelta(hours=1), hours=3)
    later = on_shift(town.lin, town.north, TEN + timedelta(days=9), hours=3)
    client.force_login(town.chen)
    answer = client.post(reverse("desk:duty_hand_over", args=[shift.pk]), {"staff": town.mei.pk})
    assert answer["Location"] == "/duty/?week=2026-03-02"
    assert client.get(ROSTER).context["on_duty"] == [town.mei]
    answer = client.post(reverse("desk:duty_remove", args=[later.pk]))
    assert answer["Location"] == "/duty/?week=2026-03-09"
    assert not DutyShift.objects.filter(pk=later.pk).exists()


def test_the_week_before_is_copied(client: Client, town: Town) -> None:
    on_shift(town.lin, town.north, TEN - timedelta(days=6), hours=3)
    client.force_login(town.chen)
    client.post(reverse("desk:duty_copy"), {"week": "2026-03-02"})
    assert DutyShift.objects.filter(starts_at=TEN + timedelta(days=1)).exists()


def test_an_address_that_names_no_week_shows_this_week(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    assert client.get(f"{ROSTER}?week=nonsense").context["monday"].isoformat() == "2026-03-02"


def test_receptionists_are_offered_no_changes(client: Client, town: Town) -> None:
    shift = on_shift(town.lin, town.north, TEN)
    client.force_login(town.lin)
    assert reverse("desk:duty_remove", args=[shift.pk]) not in client.get(ROSTER).content.decode()


def test_the_roster_costs_few_queries_however_many_shifts(
    client: Client, town: Town, django_assert_max_num_queries
) -> None:
    for day in range(5):
        on_shift(town.lin, town.north, TEN + timedelta(days=day), hours=3)
        on_shift(town.mei, town.north, TEN + timedelta(days=day), hours=3)
    client.force_login(town.chen)
    with django_assert_max_num_queries(8):
        client.get(ROSTER)


@pytest.mark.parametrize("week", ["9999-12-31", "0001-01-01", "soon", ""])
def test_an_address_with_an_impossible_week_shows_this_week(client: Client, town: Town, week: str) -> None:
    client.force_login(town.mei)
    page = client.get(ROSTER, {"week": week})
    assert page.status_code == 200
    assert page.context["days"][0].is_today
