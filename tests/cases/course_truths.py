"""What must be true of merged cases and of supervision notices at every moment; see truths.py."""

from __future__ import annotations

from cases.models import Case, CaseDeadline, TransferSlip

WITHOUT_RESULT = ("registered", "accepted", "transferred")


def check_merged(case: Case) -> None:
    """Whoever waits for the result of another case waits for one that has none yet, and for nothing further on."""
    if case.state == "merged":
        assert case.main_case_id is not None
        main = Case.objects.get(pk=case.main_case_id)
        assert main.state in WITHOUT_RESULT
        assert main.hall_id == case.hall_id
        assert not case.merged_cases.filter(state="merged").exists()
        assert case.slips.filter(state__in=["issued", "signed", "investigating", "submitted"]).count() == 0
    if case.merged_cases.filter(state="merged").exists():
        assert case.state in WITHOUT_RESULT
    if case.main_case_id is not None:
        assert case.identity != "hidden"
    shared = list(case.shared_slips.all())
    if case.main_case_id is None or case.state == "merged":
        # Nobody answers for a result there is none of, or that was taken back.
        assert shared == []
    assert {slip.case_id for slip in shared} <= {case.main_case_id}
    assert len({slip.round for slip in shared}) <= 1
    assert len([slip for slip in shared if slip.kind == "lead"]) <= 1


def check_notices(case: Case, slips: list[TransferSlip], clocks: list[CaseDeadline]) -> None:
    """A notice that waits for its answer has a clock that runs, and stands on what it presses; no other does."""
    notices = list(case.supervision_notices.order_by("pk"))
    waiting = [notice.slip_id for notice in notices if notice.answered_at is None and notice.withdrawn_at is None]
    pressed = [slip.pk for slip in slips if slip.pressed_at is not None]
    assert sorted(waiting, key=str) == sorted([*pressed, *([None] if case.pressed_at else [])], key=str)
    running = [clock.slip_id for clock in clocks if clock.kind == "supervision" and clock.outcome == ""]
    assert sorted(running, key=str) == sorted(waiting, key=str)
    assert [notice.number for notice in notices] == [f"{case.number}-D{n + 1}" for n in range(len(notices))]
    for slip in slips:
        if slip.pressed_at is not None:
            assert slip.is_open
    if case.pressed_at is not None:
        assert case.is_open
