"""The complaint sheet, its forms, the paper, and the page of whoever is complained about."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cases.models import Case, TransferSlip
from complaints.models import Complaint, Finding, Hearing, InvestigationRecord
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from tests import complaint_matters, matters
from tests.builders import Town, make_town
from tests.cases.steps import accept, fresh, running
from tests.complaints.procedure import ABOUT, ask, excuse, find_out, in_feedback, lodged, looked_into, name_subject
from tests.complaints.test_confirm import confirmed

SECRET = "在部门会议上批评。"
APOLOGY = "就多收费用一事向居民致歉。"


@pytest.fixture
def town(db: None) -> Town:
    return make_town()


def page_of(client: Client, staff: Staff, case: Case) -> str:
    client.force_login(staff)
    page = client.get(reverse("desk:case_detail", args=[case.number]))
    assert page.status_code == 200
    return page.content.decode()


def press(client: Client, staff: Staff, subject: Case | TransferSlip, verb: str, **data: object) -> int:
    """The form of a verb, opened and sent; the status of the answer."""
    client.force_login(staff)
    is_slip = isinstance(subject, TransferSlip)
    key = subject.pk if isinstance(subject, TransferSlip) else subject.number
    address = reverse("desk:slip_verb" if is_slip else "desk:case_verb", args=[key, verb])
    page = client.get(address)
    assert page.status_code == 200, verb
    hidden = {name: page.context["form"][name].value() for name in ("transition_no", "submission_key")}
    return client.post(address, {**hidden, **data}).status_code


def test_corrections_stand_beside_the_original_words(town: Town, client: Client) -> None:
    case = lodged(town)
    confirmed(case, town.lin, corrections="是三栋，不是二栋。")
    page = page_of(client, town.lin, case)
    assert ABOUT in page
    assert "是三栋，不是二栋。" in page
    assert Complaint.objects.get(case=case).about == ABOUT


def test_the_sheet_shows_department_investigator_records_finding_and_what_is_said_in_public(
    town: Town, client: Client
) -> None:
    case = complaint_matters.whole(town)
    for staff in (town.lin, town.wang, town.zhao, town.chen, town.feng):
        page = page_of(client, staff, case)
        for words in (
            town.works.name,
            town.wang.name,
            "当天确实多收了二百元。",
            "有收据为证。",
            town.qian.name,
            APOLOGY,
        ):
            assert words in page, (staff.username, words)


def test_what_followed_for_qian_is_read_by_director_supervisors_and_the_head_alone(town: Town, client: Client) -> None:
    case = complaint_matters.whole(town)
    for staff in (town.chen, town.feng, town.tang, town.zhao):
        assert SECRET in page_of(client, staff, case), staff.username
        paper = client.get(reverse("desk:print_paper", args=[case.number, "complaint"])).content.decode()
        assert SECRET in paper
    for staff in (town.lin, town.wang):
        assert SECRET not in page_of(client, staff, case), staff.username
        paper = client.get(reverse("desk:print_paper", args=[case.number, "complaint"])).content.decode()
        assert SECRET not in paper
        assert "有收据为证。" in paper


def test_a_request_has_no_complaint_sheet_and_no_complaint_form(town: Town, client: Client) -> None:
    case = matters.reported(town)
    assert 'id="complaint"' not in page_of(client, town.lin, case)
    assert client.get(reverse("desk:print_paper", args=[case.number, "complaint"])).status_code == 404


def test_in_feedback_the_page_says_why_the_resident_cannot_be_told_yet(town: Town, client: Client) -> None:
    case = in_feedback(town, town.wang)
    inform = reverse("desk:case_verb", args=[case.number, "inform"])
    page = page_of(client, town.lin, case)
    assert inform not in page
    assert 'id="complaint"' in page
    assert client.get(inform).status_code == 302
    matters.looked_into(case, town.chen, matters.MONDAY)
    assert inform in page_of(client, town.lin, case)


@pytest.mark.parametrize("make", ["whole", "asked", "found"])
def test_the_page_of_a_complaint_costs_at_most_fourteen_queries(
    town: Town, client: Client, queries: Callable[[Staff, str], int], make: str
) -> None:
    case = getattr(complaint_matters, make)(town)
    assert queries(town.lin, reverse("desk:case_detail", args=[case.number])) <= 14


def test_the_whole_procedure_is_pressed_on_its_pages(town: Town, client: Client) -> None:
    slip = looked_into(town)
    case = fresh(slip)
    assert press(client, town.lin, case, "classify", kind="conduct") == 302
    assert press(client, town.lin, fresh(case), "name_subject", person=town.wang.pk, reason="补充说明") == 302
    interview = {"happened_at": "2026-03-02T09:40", "heard": "邻居", "text": "听见争吵。", "signature_kind": "paper"}
    assert press(client, town.qian, TransferSlip.objects.get(pk=slip.pk), "record_interview", **interview) == 302
    photo = SimpleUploadedFile("价目.pdf", b"%PDF-1.4 prices")
    evidence = {"happened_at": "2026-03-02T09:40", "text": "价目表", "attachments": [photo]}
    assert press(client, town.qian, TransferSlip.objects.get(pk=slip.pk), "record_evidence", **evidence) == 302
    check = {"happened_at": "2026-03-02T09:40", "text": "已张贴", "place": "三栋"}
    assert press(client, town.qian, TransferSlip.objects.get(pk=slip.pk), "record_site_check", **check) == 302
    asked = {"person": town.wang.pk, "allegations": "请说明收费经过。"}
    assert press(client, town.qian, fresh(case), "open_hearing", **asked) == 302
    assert press(client, town.qian, fresh(case), "record_account", person=town.wang.pk, account="照价收费。") == 302
    found = {"verdict": "founded", "reasons": "多收。", "responsible_staff": town.wang.pk}
    assert press(client, town.qian, fresh(case), "record_finding", **found) == 302
    found = {"verdict": "partly", "reasons": "部分多收。", "responsible_department": town.works.pk}
    assert press(client, town.chen, fresh(case), "correct_finding", **found) == 302
    assert [record.kind for record in InvestigationRecord.objects.order_by("pk")] == [
        "interview",
        "evidence",
        "site_check",
    ]
    assert [one.verdict for one in Finding.objects.all()] == ["founded", "partly"]
    case = matters.looked_into(complaint_matters.found(town), town.chen, matters.MONDAY)
    assert press(client, town.chen, case, "decide_sanction", kind="talk", text="谈话。") == 302
    assert press(client, town.chen, fresh(case), "decide_apology", kind="none", text="已当面致歉。") == 302
    page = page_of(client, town.chen, case)
    assert "谈话。" in page
    assert "已当面致歉。" in page


def test_a_bad_form_of_a_hearing_says_it_at_the_field_and_keeps_what_was_typed(town: Town, client: Client) -> None:
    slip = looked_into(town, town.wang)
    typed = "王秀兰说你多收了钱。"
    client.force_login(town.qian)
    address = reverse("desk:case_verb", args=[slip.case.number, "open_hearing"])
    form = client.get(address).context["form"]
    hidden = {name: form[name].value() for name in ("transition_no", "submission_key")}
    answer = client.post(address, {**hidden, "person": town.wang.pk, "allegations": typed})
    assert answer.status_code == 422
    assert "allegations" in answer.context["form"].errors
    assert typed in answer.content.decode()


def test_a_plan_of_a_complaint_has_a_date_of_its_own_that_runs_until_the_report(town: Town, client: Client) -> None:
    slip = looked_into(town)
    assert press(client, town.qian, slip, "record_plan", plan="三天内退款。") == 422
    too_late = {"plan": "三天内退款。", "until": "2026-09-05T17:30"}
    assert press(client, town.qian, slip, "record_plan", **too_late) == 422
    good = {"plan": "三天内退款。", "until": "2099-03-05T17:30"}
    Case.objects.filter(pk=slip.case_id).update(promise_due_at=None)
    assert press(client, town.qian, slip, "record_plan", **good) == 302
    assert running(slip)["plan"] == "03-05 17:30"
    assert "三天内退款。" in page_of(client, town.qian, fresh(slip))


# Whoever is complained about.


def test_wang_finds_the_page_in_the_bar_reads_the_words_and_answers_and_sees_nothing_else(
    town: Town, client: Client
) -> None:
    slip = looked_into(town, town.wang, town.mei)
    client.force_login(town.wang)
    assert reverse("desk:hearing_list") not in client.get(reverse("desk:inbox")).content.decode()
    hearing = ask(slip, town.qian, town.wang, allegations="请说明三月一日收费经过。")
    case = fresh(slip)
    bar = client.get(reverse("desk:inbox")).content.decode()
    assert reverse("desk:hearing_list") in bar
    address = reverse("desk:hearing_detail", args=[hearing.public_id])
    for url in (reverse("desk:hearing_list"), address):
        page = client.get(url).content.decode()
        assert "请说明三月一日收费经过。" in page
        for hidden in (case.number, slip.number, case.title, "王秀兰", case.tracking_code, town.mei.name, ABOUT):
            assert hidden not in page, hidden
    empty = client.post(address, {"account": " "})
    assert empty.status_code == 422
    scan = SimpleUploadedFile("收据.pdf", b"%PDF-1.4 receipt")
    assert client.post(address, {"account": "按公示价格收费。", "attachments": [scan]}).status_code == 302
    page = client.get(address).content.decode()
    assert "按公示价格收费。" in page
    assert "<textarea" not in page
    kept = Hearing.objects.get(pk=hearing.pk)
    assert (kept.account, kept.files.count()) == ("按公示价格收费。", 1)
    for file in kept.files.all():
        assert client.get(reverse("desk:attachment", args=[file.public_id])).status_code == 404
    assert client.get(reverse("desk:case_detail", args=[case.number])).status_code == 404
    again = client.post(address, {"account": "改口。"})
    assert again.status_code == 422
    assert Hearing.objects.get(pk=hearing.pk).account == "按公示价格收费。"


def test_nobody_else_opens_it_and_who_was_never_asked_has_no_place_in_the_bar(town: Town, client: Client) -> None:
    hearing = ask(looked_into(town, town.wang), town.qian, town.wang)
    for staff in (town.qian, town.zhao, town.chen, town.feng, town.lin, town.mei):
        client.force_login(staff)
        assert client.get(reverse("desk:hearing_detail", args=[hearing.public_id])).status_code == 404
        assert "请书面说明" not in client.get(reverse("desk:hearing_list")).content.decode()


def test_a_page_that_is_open_while_the_case_goes_on_without_it_says_that_it_is_closed(
    town: Town, client: Client
) -> None:
    hearing = ask(looked_into(town, town.wang), town.qian, town.wang)
    address = reverse("desk:hearing_detail", args=[hearing.public_id])
    client.force_login(town.wang)
    assert "<textarea" in client.get(address).content.decode()
    slip = TransferSlip.objects.get(case=hearing.case_id)
    press(client, town.lin, slip, "recall", reason="转错了")
    client.force_login(town.wang)
    page = client.get(address).content.decode()
    assert "<textarea" not in page
    answer = client.post(address, {"account": "我的说明"})
    assert answer.status_code == 422
    assert hearing.case.number not in answer.content.decode()


def test_the_alert_of_who_was_excused_since_leads_to_a_page_that_says_so_and_not_why(
    town: Town, client: Client
) -> None:
    slip = looked_into(town, town.wang)
    hearing = ask(slip, town.qian, town.wang)
    excuse(slip, town.qian, town.wang, because="refused", reason="两次不肯签收。")
    client.force_login(town.wang)
    client.cookies["django_language"] = "en"
    alert = Alert.objects.get(recipient=town.wang)
    answer = client.get(reverse("desk:alert_open", args=[alert.pk]), follow=True)
    address = reverse("desk:hearing_detail", args=[hearing.public_id])
    assert (answer.status_code, answer.redirect_chain) == (200, [(address, 302)])
    page = answer.content.decode()
    assert "an account is not asked for any more" in page
    assert "<textarea" not in page
    listed = client.get(reverse("desk:hearing_list")).content.decode()
    assert "closed" in listed
    for hidden in ("两次不肯签收。", "refuses", slip.case.number):
        assert hidden not in page + listed
    late = client.post(address, {"account": "我现在说明。"})
    assert late.status_code == 422
    assert slip.case.number not in late.content.decode()
    assert Hearing.objects.get().account == ""


def test_classifying_is_offered_on_the_sheet_until_it_is_done(town: Town, client: Client) -> None:
    case = accept(lodged(town), town.lin)
    address = reverse("desk:case_verb", args=[case.number, "classify"])
    assert page_of(client, town.lin, case).count(address) == 2
    press(client, town.lin, fresh(case), "classify", kind="service")
    assert page_of(client, town.lin, case).count(address) == 1


def test_a_finding_made_before_somebody_was_named_is_shown_as_holding_no_longer(town: Town, client: Client) -> None:
    case = in_feedback(town)
    find_out(case, town.qian)
    with translation.override("zh-hans"):
        words = translation.gettext("does not hold: somebody else is to be heard")
    assert words not in page_of(client, town.chen, case)
    name_subject(case, town.lin, town.wang)
    assert words in page_of(client, town.chen, case)
