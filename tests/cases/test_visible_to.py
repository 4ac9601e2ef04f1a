"""Who sees which case, and at what price."""

from __future__ import annotations

from datetime import timedelta

from cases.actions.return_slip import return_unsigned
from cases.actions.transfer import transfer
from cases.models import Case, TransferSlip
from tests.builders import Town
from tests.matters import MONDAY, transferred


def sent_twice(town: Town) -> TransferSlip:
    """To the works department, which returns it, and to the works department again."""
    slip = transferred(town)
    return_unsigned(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=MONDAY, reason="应由物业办理。"
    )
    case = Case.objects.get(pk=slip.case_id)
    return transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY + timedelta(hours=1),
        department=town.works,
        instruction="经核实属于房屋建设办公室。",
    )


def test_a_department_with_two_slips_of_a_case_sees_it_once(town: Town) -> None:
    case = sent_twice(town).case
    assert list(Case.objects.visible_to(town.wang)) == [case]
    assert Case.objects.visible_to(town.wang).count() == 1


def test_a_department_sees_no_case_of_another_department(town: Town) -> None:
    sent_twice(town)
    assert not Case.objects.visible_to(town.sun).exists()


def test_a_departments_list_is_read_in_the_order_of_an_index_and_not_sorted_whole(town: Town) -> None:
    transferred(town)
    # DISTINCT over the rows of a page would keep the database from stopping after the first 25.
    assert not Case.objects.visible_to(town.wang).query.distinct
