"""Every page there is, by hand: its name, whose it is, how to find its address. Pictures and axe both read it.

A new URL that answers GET needs a row here, or a word in NO_PAGES; a new verb gets its row by itself, but the data must
hold a row on which somebody is offered it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from foundation.organization.models import Role
from tests.pages.scene import NOBODY, OUTSIDE, Place, Scene
from tests.test_rights import ROWS, URLS
from web.desk.verbs import CASE_VERBS, SLIP_VERBS, Verb

# Each with the reason.
NO_PAGES = {
    "home": "leads to where one's work is",
    "session_state": "204 or 401",
    "healthz": "a word for the watchdog",
    "desk:attachment": "the file itself",
    "desk:import_progress": "a part of the register's page",
    "desk:import_to_mend": "the file itself",
    "desk:export_progress": "a part of the export's page",
    "desk:export_file": "the file itself",
    "desk:alert_open": "leads to what the alert is about",
    "desk:register_residents": "a part of the register page",
    "portal:challenge": "a puzzle for the browser",
    "desk:register_similar": "a part of the register page",
    "desk:register_promise": "a part of the register page",
}
# Verbs whose page stands among the others below.
OWN_PAGES = ("attempt_follow_up", "look_again", "draft_posting")
ADMINISTERED = (
    "organization_department",
    "organization_category",
    "organization_staff",
    "organization_hall",
    "deadlines_term",
    "deadlines_calendarday",
    "deadlines_ladderstep",
    "organization_openinghours",
    "notifications_sendinghours",
    "notifications_smsgateway",
)
STATES = ("full", "empty", "wrong")


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    """Its name in the URL configuration; empty for what has none, such as a page that is not there."""
    find: Callable[[Scene], Place | None]
    empty: str = ""
    """The role whose page it is in the hall that has just opened; empty: it needs something to show."""
    wrong: bool = False
    """Whether it has a form to be sent empty."""
    english: bool = False
    """Pictured in English as well: one of each family."""
    paper: bool = False

    @property
    def states(self) -> list[str]:
        return ["full", *(["empty"] if self.empty else []), *(["wrong"] if self.wrong else [])]


def at(url: str, role: str, *arguments: object, query: str = "", **fill: str) -> Callable[[Scene], Place]:
    """The address without an object; fill: what is typed into its fields first."""
    return lambda scene: scene.place(url, scene.person(role), *arguments, query=query, fill=fill)


def in_hall(url: str, *further: object, query: str = "") -> Callable[[Scene], Place]:
    """A public page of the hall."""
    return lambda scene: scene.place(url, None, scene.hall.code, *further, query=query)


def verb_page(verb: Verb, kind: str) -> Page:
    given = [name for name, one in verb.form.base_fields.items() if name not in ("transition_no", "submission_key")]
    return Page(
        f"verb-{kind}-{verb.name.replace('_', '-')}",
        f"desk:{kind}_verb",
        lambda scene: scene.offering(verb, kind),
        wrong=any(verb.form.base_fields[name].required for name in given),
        english=verb.name in ("inform", "report"),
    )


def case_in(*states: str, role: str = Role.RECEPTIONIST, **filters: object) -> Callable[[Scene], Place | None]:
    return lambda scene: scene.case("desk:case_detail", role, state__in=states, **filters)


def pages() -> list[Page]:
    everybody = [
        Page("login", "login", at("login", NOBODY), wrong=True, english=True),
        Page("login-kept", "", lambda scene: scene.address("/login/?kept=1", NOBODY)),
        Page("password-change", "password_change", at("password_change", Role.HANDLER), wrong=True),
        Page("not-found", "", lambda scene: scene.address("/nothing/here/", Role.RECEPTIONIST)),
        Page("not-allowed", "", at("desk:duty_list", Role.HANDLER)),
    ]
    lists = [
        Page("desk", "desk:home", at("desk:home", Role.RECEPTIONIST), Role.RECEPTIONIST, english=True),
        Page("desk-director", "desk:home", at("desk:home", Role.DIRECTOR)),
        Page("inbox", "desk:inbox", at("desk:inbox", Role.HANDLER), Role.HANDLER, english=True),
        Page("inbox-head", "desk:inbox", at("desk:inbox", Role.HEAD), Role.HEAD),
        Page("cases", "desk:case_list", at("desk:case_list", Role.RECEPTIONIST), Role.RECEPTIONIST, english=True),
        Page("cases-of-department", "desk:case_list", at("desk:case_list", Role.HEAD), Role.HEAD),
        Page("cases-open", "desk:case_list", at("desk:case_list", Role.RECEPTIONIST, query="state=open&order=due")),
        Page("cases-none", "desk:case_list", at("desk:case_list", Role.RECEPTIONIST, query="q=无此内容")),
        Page("search", "desk:search", at("desk:search", Role.RECEPTIONIST, query="q=漏水"), Role.RECEPTIONIST),
        Page("search-none", "desk:search", at("desk:search", Role.RECEPTIONIST, query="q=无此内容")),
        Page("second-looks", "desk:second_look_list", at("desk:second_look_list", Role.HEAD), Role.HEAD),
        Page("late-answers", "desk:late_answer_list", at("desk:late_answer_list", Role.DIRECTOR), Role.DIRECTOR),
        Page("follow-ups", "desk:follow_up_list", at("desk:follow_up_list", Role.RECEPTIONIST), Role.RECEPTIONIST),
        Page("alerts", "desk:alert_list", at("desk:alert_list", Role.RECEPTIONIST), Role.RECEPTIONIST),
        Page("deliveries", "desk:delivery_list", at("desk:delivery_list", Role.SUPERVISOR), Role.SUPERVISOR),
        Page("supervision", "desk:supervision_list", at("desk:supervision_list", Role.SUPERVISOR), Role.SUPERVISOR),
        Page(
            "supervision-answered",
            "desk:supervision_list",
            at("desk:supervision_list", Role.DIRECTOR, query="state=answered"),
        ),
        Page(
            "moved-limits",
            "desk:recomputation_list",
            at("desk:recomputation_list", Role.DIRECTOR),
            Role.DIRECTOR,
        ),
        Page(
            "changes-in-the-hall",
            "desk:hall_record",
            at("desk:hall_record", Role.SUPERVISOR),
            Role.DIRECTOR,
            english=True,
        ),
        Page("moved-limits-of-a-change", "desk:recomputation_detail", Scene.recomputation),
        Page("duty", "desk:duty_list", at("desk:duty_list", Role.DIRECTOR), Role.DIRECTOR, wrong=True, english=True),
        Page("duty-receptionist", "desk:duty_list", at("desk:duty_list", Role.RECEPTIONIST)),
        Page("dashboard", "dashboard:home", at("dashboard:home", Role.SUPERVISOR), Role.SUPERVISOR, english=True),
        Page("dashboard-monitor", "dashboard:home", at("dashboard:home", Role.MONITOR), Role.MONITOR),
        Page("dashboard-street", "dashboard:home", at("dashboard:home", OUTSIDE)),
        Page("dashboard-quarter", "dashboard:home", at("dashboard:home", Role.DIRECTOR, query="period=this_quarter")),
        Page(
            "dashboard-departments",
            "dashboard:comparison",
            at("dashboard:comparison", Role.DIRECTOR, query="period=this_quarter"),
            Role.DIRECTOR,
        ),
        Page("dashboard-departments-monitor", "dashboard:comparison", at("dashboard:comparison", Role.MONITOR)),
        Page("dashboard-halls", "dashboard:halls", at("dashboard:halls", OUTSIDE)),
    ]
    registers = [
        Page("imports", "desk:import_list", at("desk:import_list", Role.DIRECTOR), Role.DIRECTOR, wrong=True),
        *(
            Page(f"import-{stage}", "desk:import_detail", partial(Scene.old_register, stage=stage))
            for stage in ("draft", "checked", "running", "done", "failed")
        ),
        Page("exports", "desk:export_list", at("desk:export_list", Role.DIRECTOR), Role.DIRECTOR),
        Page("export-running", "desk:export_detail", partial(Scene.export, stage="running")),
        Page("export-done", "desk:export_detail", partial(Scene.export, stage="done")),
    ]
    register = [
        Page(
            "register", "desk:register", at("desk:register", Role.RECEPTIONIST), Role.RECEPTIONIST, True, english=True
        ),
        Page("register-known", "desk:register", lambda scene: scene.somebody_known("desk:register")),
    ]
    case = [
        Page("case-registered", "desk:case_detail", case_in("registered")),
        Page("case-accepted", "desk:case_detail", case_in("accepted")),
        Page("case-transferred", "desk:case_detail", case_in("transferred"), english=True),
        Page("case-transferred-handler", "desk:case_detail", case_in("transferred", role=Role.HANDLER)),
        Page("case-feedback", "desk:case_detail", case_in("feedback", identity="named")),
        Page("case-follow-up", "desk:case_detail", case_in("follow_up", identity="named")),
        Page("case-archived", "desk:case_detail", case_in("archived")),
        Page("case-declined", "desk:case_detail", case_in("declined")),
        Page("case-anonymous", "desk:case_detail", lambda scene: _identity(scene, "anonymous")),
        Page("case-hidden", "desk:case_detail", lambda scene: _identity(scene, "hidden")),
        Page(
            "case-second-round",
            "desk:case_detail",
            lambda scene: scene.case("desk:case_detail", Role.DIRECTOR, round__gt=1),
        ),
        Page("case-with-files", "desk:case_detail", lambda scene: scene.case_with_files()),
        Page("written-accounts", "desk:hearing_list", Scene.hearings),
        Page("written-account", "desk:hearing_detail", Scene.hearing, wrong=True),
        Page("case-complaint", "desk:case_detail", case_in("feedback", role=Role.DIRECTOR, finding="partly")),
        Page("clock", "desk:clock_detail", lambda scene: scene.clock(), english=True),
        Page("reveal", "desk:resident_reveal", _named_case("desk:resident_reveal"), wrong=True),
        Page("follow-up", "desk:follow_up", lambda scene: scene.follow_up("named"), wrong=True, english=True),
        Page("follow-up-anonymous", "desk:follow_up", lambda scene: scene.follow_up("anonymous")),
        *(verb_page(verb, "case") for verb in CASE_VERBS if verb.name not in OWN_PAGES),
        Page("second-look", "desk:second_look", lambda scene: scene.second_look(), wrong=True),
        Page("verb-case-files", "desk:case_verb", lambda scene: scene.adding_files(), wrong=True),
        *(verb_page(verb, "slip") for verb in SLIP_VERBS),
    ]
    papers = [
        Page("print-receipt", "desk:print_receipt", _named_case("desk:print_receipt"), english=True, paper=True),
        Page("print-slip", "desk:print_slip", lambda scene: scene.slip("desk:print_slip"), paper=True),
        *(
            Page(f"print-{name}", "desk:print_paper", partial(Scene.paper, name=name), paper=True)
            for name in ("registration", "refusal", "extension", "feedback", "follow-up", "conclusion", "complaint")
        ),
        *(
            Page(f"print-{name}", "desk:print_notice", partial(Scene.paper, name=name), paper=True)
            for name in ("supervision", "rectification")
        ),
        Page("print-selection", "desk:print_selection", lambda scene: scene.selection(), paper=True),
        Page("print-empty", "desk:print_empty", at("desk:print_empty", Role.RECEPTIONIST), paper=True),
    ]
    board = [
        Page("board", "desk:board_list", at("desk:board_list", Role.DIRECTOR), Role.DIRECTOR),
        Page("board-monitor", "desk:board_list", at("desk:board_list", Role.MONITOR), Role.MONITOR),
        Page("board-new", "desk:board_new", at("desk:board_new", Role.RECEPTIONIST), wrong=True),
        Page(
            "board-draft",
            "desk:board_draft",
            lambda scene: scene.case("desk:board_draft", Role.RECEPTIONIST, state="archived"),
            wrong=True,
        ),
        Page("board-drafted", "desk:board_detail", partial(Scene.posting, state="draft", role=Role.RECEPTIONIST)),
        Page("board-in-review", "desk:board_detail", partial(Scene.posting, state="in_review")),
        Page("board-published", "desk:board_detail", partial(Scene.posting, state="published")),
        Page("board-edit", "desk:board_edit", partial(Scene.posting, state="in_review", url="desk:board_edit")),
        Page(
            "board-print",
            "desk:board_print",
            partial(Scene.posting, state="published", url="desk:board_print"),
            paper=True,
        ),
        Page("notice-board", "portal:board", in_hall("portal:board"), english=True),
        Page("notice-board-none", "portal:board", in_hall("portal:board", query="kind=praise")),
        Page("notice", "portal:posting", lambda scene: scene.public_posting()),
    ]
    portal = [
        Page("halls", "portal:halls", at("portal:halls", NOBODY)),
        Page("hall", "portal:home", in_hall("portal:home"), english=True),
        Page("hall-procedure", "portal:procedure", in_hall("portal:procedure")),
        Page("hall-poster", "portal:poster", in_hall("portal:poster"), paper=True),
        Page("tell", "portal:tell", in_hall("portal:tell"), wrong=True, english=True),
        Page("sent", "portal:sent", lambda scene: scene.receipt(), english=True),
        Page("status-ask", "portal:status", lambda scene: scene.status(), wrong=True),
        Page("status", "portal:status", lambda scene: scene.status(shown=True), english=True),
        Page("status-anonymous", "portal:status", lambda scene: scene.status("anonymous", shown=True)),
        Page("track-ask", "portal:track", in_hall("portal:track"), wrong=True, english=True),
        Page("track", "portal:track", lambda scene: scene.track(), english=True),
        Page("track-add", "portal:add", lambda scene: scene.track("[formaction$='/add/']"), wrong=True),
        Page("track-withdraw", "portal:withdraw", lambda scene: scene.track("[formaction$='/withdraw/']"), wrong=True),
        Page("evaluate", "portal:evaluate", lambda scene: scene.link(), wrong=True, english=True),
        Page("evaluate-gone", "", in_hall("portal:evaluate", "no-such-link")),
    ]
    return [*everybody, *lists, *registers, *register, *case, *papers, *board, *portal, *_administration()]


def _named_case(url: str) -> Callable[[Scene], Place | None]:
    return lambda scene: scene.case(url, Role.RECEPTIONIST, identity="named", accepted_at__isnull=False)


def _identity(scene: Scene, identity: str) -> Place | None:
    return scene.case("desk:case_detail", Role.RECEPTIONIST, identity=identity)


def _administration() -> Iterator[Page]:
    yield Page("admin", "", at("admin:index", Role.ADMINISTRATOR), english=True)
    for model in ADMINISTERED:
        name = model.partition("_")[2]
        yield Page(f"admin-list-{name}", "", at(f"admin:{model}_changelist", Role.ADMINISTRATOR))
        # Of days and sending hours a hall may well have none.
        wrong = name in ("term", "calendarday")
        if name in ("calendarday", "sendinghours"):
            yield Page(f"admin-form-{name}", "", at(f"admin:{model}_add", Role.ADMINISTRATOR), wrong=wrong)
        else:
            find = partial(Scene.administered, model=model)
            yield Page(f"admin-form-{name}", "", find, wrong=wrong, english=wrong)


def uncovered() -> list[str]:
    """URL names that answer GET and stand neither in the table nor among those that are no pages."""
    posted_only = {row.name for row in ROWS} - {row.name for row in ROWS if row.method == "get"}
    return sorted(URLS.keys() - posted_only - {page.url for page in pages()} - NO_PAGES.keys())
