"""Who may open what: every URL × every person × own, other department, other hall → the expected status, by hand.

The law, not a photograph of the code: a row is written from the rules (docs/process, the roles), then the code has to
agree. 302 for nobody logged in is the way to the log-in; 403 a page with words; 404 what is not there for this person.

A new URL needs
- a row per method it answers (get, post; every other method must be refused with 405);
- where its address names an object: a row for `own`, `hall` (the same object of the other hall) and, where departments
  matter, `department` (of another department in the own hall), and a function in ARGUMENTS that makes the object;
- several kinds of object, or several verbs, under one URL: `name[variant]`; the function is told the variant.

`data[…]` for a post is empty unless POSTED names some: an empty form that is refused as incomplete (422, or 302 with a
message) has passed the question of rights, which is all that is asked here.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from cases.actions.attach import attach
from cases.actions.decline import decline
from cases.actions.handle import report
from cases.models import Case, Recomputation, SupervisionNotice, TransferSlip
from cases.uploads import CleanFile
from complaints.models import Hearing
from followups.links import link_for
from followups.models import RectificationNotice
from followups.posting import Posting
from foundation.notifications.actions import notify
from foundation.notifications.models import Alert, Delivery
from foundation.organization.models import Category, Hall, Staff
from records.importing.actions import hand_in
from records.models import ExportJob
from tests import after_matters, complaint_matters, coordination_matters, course_matters, limits, matters, postings
from tests.builders import Town, on_shift
from tests.desk import papers
from web.portal.sent import address_of

PEOPLE = {
    "anon": None,
    "recp": "lin",  # receptionist
    "hand": "wang",  # handler of the works department
    "head": "zhao",  # its head
    "dire": "chen",  # director
    "supe": "feng",  # supervisor of the hall
    "stre": "tang",  # supervisor of the street office, over both halls; begins in the first
    "moni": "gu",  # resident monitor
    "admi": "he",  # administrator of the hall
}

TABLE = """
url                          method  place       anon recp hand head dire supe stre moni admi

home                         get     -            302  302  302  302  302  302  302  302  302
login                        get     -            200  302  302  302  302  302  302  302  302
login                        post    -            422  302  302  302  302  302  302  302  302
logout                       post    -            302  302  302  302  302  302  302  302  302
password_change              get     -            302  200  200  200  200  200  200  200  200
password_change              post    -            302  422  422  422  422  422  422  422  422
session_state                get     -            401  204  204  204  204  204  204  204  204
set_language                 post    -            302  302  302  302  302  302  302  302  302
healthz                      get     -            200  200  200  200  200  200  200  200  200

desk:hall_switch             post    own          302  302  302  302  302  302  302  302  302
desk:hall_switch             post    hall         302  403  403  403  403  403  302  403  403
desk:shortcuts_switch        post    -            302  302  302  302  302  302  302  302  302

desk:home                    get     -            302  200  403  403  200  403  403  403  403
desk:inbox                   get     -            302  403  200  200  403  403  403  403  403
desk:case_list               get     -            302  200  200  200  200  200  200  403  403
desk:search                  get     -            302  200  200  200  200  200  200  403  403
desk:search_suggestions      post    -            302  200  200  200  200  200  200  403  403
desk:follow_up_list          get     -            302  200  403  200  200  200  200  403  403
dashboard:home               get     -            302  403  403  403  200  200  200  200  403
dashboard:comparison         get     -            302  403  403  403  200  200  200  200  403
dashboard:halls              get     -            302  403  403  403  403  403  200  403  403
dashboard:hall_open          post    own          302  403  403  403  403  403  302  403  403
dashboard:hall_open          post    hall         302  403  403  403  403  403  302  403  403

desk:second_look_list        get     -            302  403  403  200  200  200  200  403  403
desk:late_answer_list        get     -            302  403  403  403  200  200  200  403  403
# Archived, and neither handled nor followed up by them: the head of its department, and the director.
desk:second_look             get     own          302  302  302  200  200  302  302  404  404
desk:second_look             get     department   302  302  404  404  200  302  302  404  404
desk:second_look             get     hall         302  404  404  404  404  404  302  404  404
desk:second_look             post    own          302  403  403  422  422  403  403  404  404
desk:second_look             post    hall         302  404  404  404  404  404  403  404  404
# 302 back to the case with a message for whoever does not follow it up.
desk:follow_up               get     own          302  200  302  302  200  302  302  404  404
desk:follow_up               get     department   302  200  404  404  200  302  302  404  404
desk:follow_up               get     hall         302  404  404  404  404  404  302  404  404
desk:follow_up               post    own          302  422  403  403  422  403  403  404  404
desk:follow_up               post    hall         302  404  404  404  404  404  403  404  404
desk:resident_reveal         get     own          302  200  200  200  200  403  403  404  404
desk:resident_reveal         get     department   302  200  404  404  200  403  403  404  404
desk:resident_reveal         get     hall         302  404  404  404  404  404  403  404  404
desk:resident_reveal         post    own          302  422  422  422  422  403  403  404  404
desk:resident_reveal         post    hall         302  404  404  404  404  404  403  404  404

desk:register                get     -            302  200  403  403  200  403  403  403  403
desk:register                post    -            302  422  403  403  422  403  403  403  403
desk:register_residents      post    -            302  200  403  403  200  403  403  403  403
desk:register_similar        post    -            302  200  403  403  200  403  403  403  403
desk:register_promise        post    -            302  200  403  403  200  403  403  403  403

# A draft is the desk's, whoever directs, and who drafted it; on the board it is everybody's of the hall.
desk:board_list              get     -            302  200  403  403  200  200  200  200  403
desk:board_new               get     -            302  200  403  403  200  403  403  403  403
desk:board_new               post    -            302  422  403  403  422  403  403  403  403
desk:board_figures           post    -            302  302  403  403  302  403  403  403  403
desk:board_draft             get     own          302  200  200  200  200  302  302  404  404
desk:board_draft             get     department   302  200  404  404  200  302  302  404  404
desk:board_draft             get     hall         302  404  404  404  404  404  302  404  404
desk:board_draft             post    own          302  422  422  422  422  403  403  404  404
desk:board_draft             post    hall         302  404  404  404  404  404  403  404  404
desk:board_detail[draft]     get     own          302  200  200  200  200  200  200  404  404
desk:board_detail[draft]     get     department   302  200  404  404  200  200  200  404  404
desk:board_detail[draft]     get     hall         302  404  404  404  404  404  200  404  404
desk:board_detail[published] get     own          302  200  200  200  200  200  200  200  200
desk:board_detail[published] get     hall         302  404  404  404  404  404  200  404  404
desk:board_detail[taken_down] get    own          302  200  200  200  200  200  200  404  404
desk:board_edit[draft]       get     own          302  200  302  302  200  302  302  404  404
desk:board_edit[draft]       post    own          302  422  403  403  422  403  403  404  404
desk:board_edit[draft]       get     hall         302  404  404  404  404  404  302  404  404
desk:board_edit[draft]       post    hall         302  404  404  404  404  404  403  404  404
desk:board_edit[handed_in]   get     own          302  302  302  302  200  302  302  404  404
desk:board_edit[handed_in]   post    own          302  403  403  403  422  403  403  404  404
desk:board_print[published]  get     own          302  200  200  200  200  200  200  200  200
desk:board_print[published]  get     hall         302  404  404  404  404  404  200  404  404
desk:board_print[draft]      get     own          302  404  404  404  404  404  404  404  404
desk:board_verb[hand_in]     post    own          302  422  403  403  422  403  403  404  404
desk:board_verb[hand_in]     post    hall         302  404  404  404  404  404  403  404  404
desk:board_verb[give_back]   post    own          302  403  403  403  422  403  403  404  404
desk:board_verb[publish]     post    own          302  403  403  403  422  403  403  404  404
desk:board_verb[publish]     post    hall         302  404  404  404  404  404  403  404  404
desk:board_verb[take_down]   post    own          302  403  403  403  422  403  403  403  403
desk:board_verb[discard]     post    own          302  422  403  403  422  403  403  404  404

desk:duty_list               get     -            302  200  403  403  200  403  403  403  403
desk:duty_add                post    -            302  403  403  403  422  403  403  403  403
desk:duty_copy               post    -            302  403  403  403  302  403  403  403  403
desk:duty_remove             post    own          302  403  403  403  302  403  403  403  403
desk:duty_remove             post    hall         302  403  403  403  404  403  403  403  403
desk:duty_hand_over          post    own          302  403  403  403  302  403  403  403  403
desk:duty_hand_over          post    hall         302  403  403  403  404  403  403  403  403

desk:alert_list              get     -            302  200  200  200  200  200  200  200  200
desk:alert_read_all          post    -            302  302  302  302  302  302  302  302  302
desk:alert_open[mine]        get     own          302  302  302  302  302  302  302  302  302
desk:alert_open[another's]   get     own          302  404  404  404  404  404  404  404  404
desk:alert_open[another's]   get     hall         302  404  404  404  404  404  404  404  404
desk:alert_read[mine]        post    own          302  302  302  302  302  302  302  302  302
desk:alert_read[another's]   post    own          302  404  404  404  404  404  404  404  404
desk:alert_read[another's]   post    hall         302  404  404  404  404  404  404  404  404
desk:delivery_list           get     -            302  403  403  403  200  200  200  403  200
desk:delivery_retry          post    own          302  403  403  403  302  302  302  403  302
desk:delivery_retry          post    hall         302  403  403  403  404  404  404  403  404

# Old registers come in through the director alone, of the own hall. What goes out is who asked for it alone.
desk:import_list             get     -            302  403  403  403  200  403  403  403  403
desk:import_list             post    -            302  403  403  403  422  403  403  403  403
desk:import_detail           get     own          302  403  403  403  200  403  403  403  403
desk:import_detail           get     hall         302  403  403  403  404  403  403  403  403
desk:import_detail           post    own          302  403  403  403  422  403  403  403  403
desk:import_detail           post    hall         302  403  403  403  404  403  403  403  403
desk:import_progress         get     own          302  403  403  403  200  403  403  403  403
desk:import_progress         get     hall         302  403  403  403  404  403  403  403  403
desk:import_to_mend          get     own          302  403  403  403  200  403  403  403  403
desk:import_to_mend          get     hall         302  403  403  403  404  403  403  403  403
desk:export_list             get     -            302  403  403  403  200  200  200  403  403
desk:export_list             post    -            302  403  403  403  302  302  302  403  403
desk:export_detail[mine]     get     own          302  403  403  403  200  200  200  403  403
desk:export_detail[mine]     get     hall         302  403  403  403  404  404  404  403  403
desk:export_detail[another's] get    own          302  403  403  403  404  404  404  403  403
desk:export_progress[mine]   get     own          302  403  403  403  200  200  200  403  403
desk:export_progress[mine]   get     hall         302  403  403  403  404  404  404  403  403
desk:export_progress[another's] get  own          302  403  403  403  404  404  404  403  403
desk:export_file[mine]       get     own          302  403  403  403  200  200  200  403  403
desk:export_file[mine]       get     hall         302  403  403  403  404  404  404  403  403
desk:export_file[another's]  get     own          302  403  403  403  404  404  404  403  403

desk:case_detail[registered] get    own          302  200  404  404  200  200  200  404  404
desk:case_detail[registered] get    hall         302  404  404  404  404  404  200  404  404
desk:case_detail[transferred] get   own          302  200  200  200  200  200  200  404  404
desk:case_detail[transferred] get   department   302  200  404  404  200  200  200  404  404
desk:case_detail[transferred] get   hall         302  404  404  404  404  404  200  404  404
desk:hall_record             get     -            302  403  403  403  200  200  200  403  403
desk:recomputation_list      get     -            302  403  403  403  200  200  200  403  200
desk:recomputation_detail    get     own          302  403  403  403  200  200  200  403  403
desk:recomputation_detail    get     hall         302  403  403  403  404  404  200  403  403
desk:supervision_list        get    -            302  403  403  403  200  200  200  403  403
# To the inbox with a message, for the department whose slip was taken back.
desk:case_detail[gone]       get    own          302  200  302  302  200  200  200  404  404
desk:case_detail[gone]       get    department   302  200  404  404  200  200  200  404  404
desk:slip_verb[gone]         get    own          302  302  302  302  302  302  302  404  404
desk:clock_detail            get    own          302  200  200  200  200  200  200  404  404
desk:clock_detail            get    department   302  200  404  404  200  200  200  404  404
desk:clock_detail            get    hall         302  404  404  404  404  404  200  404  404
desk:print_receipt           get    own          302  200  200  200  200  200  200  404  404
desk:print_receipt           get    department   302  200  404  404  200  200  200  404  404
desk:print_receipt           get    hall         302  404  404  404  404  404  200  404  404
desk:print_slip              get    own          302  200  200  200  200  200  200  404  404
desk:print_slip              get    department   302  200  404  404  200  200  200  404  404
desk:print_slip              get    hall         302  404  404  404  404  404  200  404  404
desk:print_paper[registration] get  own          302  200  404  404  200  200  200  404  404
desk:print_paper[registration] get  hall         302  404  404  404  404  404  200  404  404
desk:print_paper[receipt]    get    own          302  200  200  200  200  200  200  404  404
desk:print_paper[refusal]    get    own          302  200  404  404  200  200  200  404  404
desk:print_paper[extension]  get    own          302  200  200  200  200  200  200  404  404
desk:print_paper[extension]  get    department   302  200  404  404  200  200  200  404  404
desk:print_paper[feedback]   get    own          302  200  200  200  200  200  200  404  404
desk:print_paper[feedback]   get    department   302  200  404  404  200  200  200  404  404
desk:print_paper[follow-up]  get    own          302  200  404  200  200  200  200  404  404
desk:print_paper[conclusion] get    own          302  200  404  404  200  200  200  404  404
desk:print_paper[complaint]  get    own          302  200  200  200  200  200  200  404  404
desk:print_paper[complaint]  get    department   302  200  404  404  200  200  200  404  404
desk:print_paper[complaint]  get    hall         302  404  404  404  404  404  200  404  404
desk:print_notice[supervision] get  own          302  200  200  200  200  200  200  404  404
desk:print_notice[supervision] get  department   302  200  404  404  200  200  200  404  404
desk:print_notice[supervision] get  hall         302  404  404  404  404  404  200  404  404
desk:print_notice[rectification] get own         302  200  200  200  200  200  200  404  404
desk:print_notice[rectification] get department  302  200  404  404  200  200  200  404  404
desk:print_notice[rectification] get hall        302  404  404  404  404  404  200  404  404
# About a result that was shared with a merged case: to the department that had the main case.
desk:print_notice[shared]    get    own          302  200  200  200  200  200  200  404  404
desk:print_notice[shared]    get    department   302  200  404  404  200  200  200  404  404
desk:print_notice[shared]    get    hall         302  404  404  404  404  404  200  404  404
# 302 back to the list with the word that nothing was ticked.
desk:print_selection         get    -            302  302  302  302  302  302  302  403  403
desk:print_empty             get    -            302  200  403  403  200  403  403  403  403
desk:attachment              get    own          302  200  200  200  200  200  200  404  404
desk:attachment              get    department   302  200  404  404  200  200  200  404  404
desk:attachment              get    hall         302  404  404  404  404  404  200  404  404

# Verbs: 200 where the FSM offers it, 302 back to the case with a message where not, 404 where the case is not seen.
desk:case_verb[accept]       get    own          302  200  404  404  302  302  302  404  404
desk:case_verb[accept]       post   own          302  422  404  404  403  403  403  404  404
desk:case_verb[accept]       post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[transfer]     get    own          302  200  404  404  302  302  302  404  404
desk:case_verb[transfer]     post   own          302  422  404  404  403  403  403  404  404
desk:case_verb[transfer]     post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[refer]        get    own          302  200  404  404  302  302  302  404  404
desk:case_verb[refer]        post   own          302  422  404  404  403  403  403  404  404
desk:case_verb[refer]        post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[coordinate]   get    own          302  302  404  404  200  302  302  404  404
desk:case_verb[coordinate]   post   own          302  403  404  404  422  403  403  404  404
desk:case_verb[coordinate]   post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[add_department] get  own          302  302  302  302  200  302  302  404  404
desk:case_verb[add_department] post own          302  403  403  403  422  403  403  404  404
desk:case_verb[hand_up]      get    own          302  302  404  404  200  302  302  404  404
desk:case_verb[hand_up]      post   own          302  403  404  404  422  403  403  404  404
desk:case_verb[hand_up]      post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[decline]      get    own          302  200  404  404  302  302  302  404  404
desk:case_verb[decline]      post   own          302  422  404  404  403  403  403  404  404
desk:case_verb[no_longer_accept] get own         302  302  404  404  200  302  302  404  404
desk:case_verb[no_longer_accept] post own        302  403  404  404  422  403  403  404  404
desk:case_verb[answer_on_the_spot] get own       302  200  404  404  302  302  302  404  404
desk:case_verb[answer_on_the_spot] post own      302  422  404  404  403  403  403  404  404
desk:case_verb[confirm]      get    own          302  200  404  404  302  302  302  404  404
desk:case_verb[confirm]      post   own          302  422  404  404  403  403  403  404  404
# The complaint procedure: the desk classifies and names, who looks into it hears and finds, the director decides.
desk:case_verb[classify]     get    own          302  200  404  404  200  302  302  404  404
desk:case_verb[classify]     post   own          302  422  404  404  422  403  403  404  404
desk:case_verb[classify]     post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[name_subject] get    own          302  200  404  404  200  200  200  404  404
desk:case_verb[name_subject] post   own          302  422  404  404  422  422  422  404  404
desk:case_verb[name_subject] post   hall         302  404  404  404  404  404  422  404  404
desk:case_verb[open_hearing] get    own          302  302  200  200  200  302  302  404  404
desk:case_verb[open_hearing] post   own          302  403  422  422  422  403  403  404  404
desk:case_verb[open_hearing] post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[record_account] get    own          302  302  200  200  200  302  302  404  404
desk:case_verb[record_account] post   own          302  403  422  422  422  403  403  404  404
desk:case_verb[record_account] post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[excuse_hearing] get    own          302  302  200  200  200  302  302  404  404
desk:case_verb[excuse_hearing] post   own          302  403  422  422  422  403  403  404  404
desk:case_verb[excuse_hearing] post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[record_finding] get    own          302  302  200  200  200  302  302  404  404
desk:case_verb[record_finding] post   own          302  403  422  422  422  403  403  404  404
desk:case_verb[record_finding] post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[correct_finding] get    own          302  302  200  200  200  302  302  404  404
desk:case_verb[correct_finding] post   own          302  403  422  422  422  403  403  404  404
desk:case_verb[correct_finding] post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[open_hearing] post   department   302  403  404  404  422  403  403  404  404
desk:case_verb[record_finding] post department   302  403  404  404  422  403  403  404  404
desk:case_verb[confirm_correction] get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[confirm_correction] post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[confirm_correction] post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[decide_sanction] get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[decide_sanction] post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[decide_sanction] post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[decide_apology] get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[decide_apology] post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[decide_apology] post   hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[record_interview] get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[record_interview] post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[record_interview] post   hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[record_site_check] get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[record_site_check] post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[record_site_check] post   hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[record_evidence] get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[record_evidence] post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[record_evidence] post   hall         302  404  404  404  404  404  403  404  404
# What somebody was asked to account for is theirs alone, whatever anybody else may do.
desk:hearing_list            get    -            302  200  200  200  200  200  200  200  200
desk:hearing_detail[mine]    get    own          302  200  200  200  200  200  200  200  200
desk:hearing_detail[mine]    post   own          302  422  422  422  422  422  422  422  422
desk:hearing_detail[another's] get  own          302  404  404  404  404  404  404  404  404
desk:hearing_detail[another's] get  hall         302  404  404  404  404  404  404  404  404
desk:hearing_detail[another's] post own          302  404  404  404  404  404  404  404  404
desk:case_verb[tell_declined] get   own          302  200  404  404  200  302  302  404  404
desk:case_verb[tell_declined] post  own          302  422  404  404  422  403  403  404  404
desk:case_verb[inform]       get    own          302  200  302  302  302  302  302  404  404
desk:case_verb[inform]       post   own          302  422  403  403  403  403  403  404  404
desk:case_verb[inform]       post   department   302  422  404  404  403  403  403  404  404
desk:case_verb[inform]       post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[unreached]    get    own          302  200  302  302  302  302  302  404  404
desk:case_verb[unreached]    post   own          302  422  403  403  403  403  403  404  404
desk:case_verb[send_back]    get    own          302  200  302  302  200  302  302  404  404
desk:case_verb[send_back]    post   own          302  422  403  403  422  403  403  404  404
desk:case_verb[files]        get    own          302  200  302  302  200  302  302  404  404
desk:case_verb[files]        post   own          302  422  403  403  422  403  403  404  404
desk:case_verb[withdraw]     get    own          302  200  302  302  302  302  302  404  404
desk:case_verb[withdraw]     post   own          302  422  403  403  403  403  403  404  404
desk:case_verb[ask_withdrawal] get    own          302  200  302  302  302  302  302  404  404
desk:case_verb[ask_withdrawal] post   own          302  422  403  403  403  403  403  404  404
desk:case_verb[refuse_withdrawal] get    own          302  302  302  302  302  200  200  404  404
desk:case_verb[refuse_withdrawal] post   own          302  403  403  403  403  422  422  404  404
desk:case_verb[merge]        get    own          302  200  404  404  302  302  302  404  404
desk:case_verb[merge]        post   own          302  422  404  404  403  403  403  404  404
desk:case_verb[merge]        post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[unmerge]      get    own          302  302  404  404  200  302  302  404  404
desk:case_verb[unmerge]      post   own          302  403  404  404  422  403  403  404  404
desk:case_verb[reopen_archived] get own          302  302  302  302  200  302  302  404  404
desk:case_verb[reopen_archived] post own         302  403  403  403  422  403  403  404  404
desk:case_verb[reopen_archived] post hall        302  404  404  404  404  404  403  404  404
desk:case_verb[keep_closed]  get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[keep_closed]  post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[send_link]    get    own          302  200  302  302  200  302  302  404  404
desk:case_verb[send_link]    post   own          302  422  403  403  422  403  403  404  404
desk:case_verb[conclude]     get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[conclude]     post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[hand_over]    get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[hand_over]    post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[name_contact] get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[name_contact] post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[nudge]        get    own          302  200  302  302  200  302  302  404  404
desk:case_verb[nudge]        post   own          302  422  403  403  422  403  403  404  404
desk:case_verb[nudge]        post   department   302  422  404  404  422  403  403  404  404
desk:case_verb[press]        get    own          302  302  404  404  200  200  200  404  404
desk:case_verb[press]        post   own          302  403  404  404  422  422  422  404  404
desk:case_verb[press]        post   hall         302  404  404  404  404  404  422  404  404
desk:case_verb[answer_press] get    own          302  200  404  404  200  302  302  404  404
desk:case_verb[answer_press] post   own          302  422  404  404  422  403  403  404  404
desk:case_verb[tell_limit]   get    own          302  200  302  302  200  302  302  404  404
desk:case_verb[tell_limit]   post   own          302  422  403  403  422  403  403  404  404
desk:case_verb[tell_limit]   post   department   302  422  404  404  422  403  403  404  404
desk:case_verb[tell_limit]   post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[tell_delay]   get    own          302  200  302  302  200  302  302  404  404
desk:case_verb[tell_delay]   post   own          302  422  403  403  422  403  403  404  404
desk:case_verb[tell_delay]   post   department   302  422  404  404  422  403  403  404  404
desk:case_verb[tell_delay]   post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[ask_pause]    get    own          302  200  302  302  302  302  302  404  404
desk:case_verb[ask_pause]    post   own          302  422  403  403  403  403  403  404  404
desk:case_verb[ask_pause]    post   hall         302  404  404  404  404  404  403  404  404
desk:case_verb[grant_pause]  get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[grant_pause]  post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[refuse_pause] get    own          302  302  302  302  200  302  302  404  404
desk:case_verb[refuse_pause] post   own          302  403  403  403  422  403  403  404  404
desk:case_verb[resume]       get    own          302  200  302  302  200  302  302  404  404
desk:case_verb[resume]       post   own          302  422  403  403  422  403  403  404  404
desk:slip_verb[ask_pause]    get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[ask_pause]    post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[ask_pause]    post   department   302  403  404  404  403  403  403  404  404
desk:slip_verb[ask_pause]    post   hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[grant_pause]  get    own          302  302  302  200  302  302  302  404  404
desk:slip_verb[grant_pause]  post   own          302  403  403  422  403  403  403  404  404
desk:slip_verb[grant_pause]  post   department   302  403  404  404  403  403  403  404  404
desk:slip_verb[refuse_pause] get    own          302  302  302  200  302  302  302  404  404
desk:slip_verb[refuse_pause] post   own          302  403  403  422  403  403  403  404  404
desk:slip_verb[resume]       get    own          302  302  200  200  200  302  302  404  404
desk:slip_verb[resume]       post   own          302  403  422  422  422  403  403  404  404
desk:slip_verb[ask_extension] get   own          302  302  200  200  302  302  302  404  404
desk:slip_verb[ask_extension] post  own          302  403  422  422  403  403  403  404  404
desk:slip_verb[grant_extension] get own          302  302  302  302  200  302  302  404  404
desk:slip_verb[grant_extension] post own         302  403  403  403  422  403  403  404  404
desk:slip_verb[grant_extension] post hall        302  404  404  404  404  404  403  404  404
desk:slip_verb[refuse_extension] get own         302  302  302  302  200  302  302  404  404
desk:slip_verb[refuse_extension] post own        302  403  403  403  422  403  403  404  404
desk:slip_verb[sign_in]      get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[sign_in]      post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[sign_in]      post   department   302  403  404  404  403  403  403  404  404
desk:slip_verb[sign_in]      post   hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[return_unsigned] get own          302  302  200  200  302  302  302  404  404
desk:slip_verb[return_unsigned] post own         302  403  422  422  403  403  403  404  404
desk:slip_verb[ask_return]   get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[ask_return]   post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[ask_return]   post   department   302  403  404  404  403  403  403  404  404
desk:slip_verb[return_signed] get   own          302  302  302  302  200  302  302  404  404
desk:slip_verb[return_signed] post  own          302  403  403  403  422  403  403  404  404
desk:slip_verb[return_signed] post  hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[refuse_return] get   own          302  302  302  302  200  302  302  404  404
desk:slip_verb[refuse_return] post  own          302  403  403  403  422  403  403  404  404
desk:slip_verb[recall]       get    own          302  200  302  302  302  302  302  404  404
desk:slip_verb[recall]       post   own          302  422  403  403  403  403  403  404  404
desk:slip_verb[recall]       post   hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[reassign]     get    own          302  302  302  200  302  302  302  404  404
desk:slip_verb[reassign]     post   own          302  403  403  422  403  403  403  404  404
desk:slip_verb[reassign]     post   department   302  403  404  404  403  403  403  404  404
desk:slip_verb[record_plan]  get    own          302  302  200  200  200  302  302  404  404
desk:slip_verb[record_plan]  post   own          302  403  422  422  422  403  403  404  404
desk:slip_verb[contact]      post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[investigate]  post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[note]         post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[report]       get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[report]       post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[report]       post   department   302  403  404  404  403  403  403  404  404
desk:slip_verb[report]       post   hall         302  404  404  404  404  404  403  404  404
desk:slip_verb[submit]       post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[approve]      get    own          302  302  302  200  302  302  302  404  404
desk:slip_verb[approve]      post   own          302  403  403  422  403  403  403  404  404
desk:slip_verb[approve]      post   department   302  403  404  404  403  403  403  404  404
desk:slip_verb[reject]       post   own          302  403  403  422  403  403  403  404  404
desk:slip_verb[press]        get    own          302  302  302  302  200  200  200  404  404
desk:slip_verb[press]        post   own          302  403  403  403  422  422  422  404  404
desk:slip_verb[press]        post   department   302  403  404  404  422  422  422  404  404
desk:slip_verb[press]        post   hall         302  404  404  404  404  404  422  404  404
desk:slip_verb[answer_press] get    own          302  302  200  200  302  302  302  404  404
desk:slip_verb[answer_press] post   own          302  403  422  422  403  403  403  404  404
desk:slip_verb[answer_press] post   department   302  403  404  404  403  403  403  404  404

# Residents, and so everybody: the public site of every hall.
portal:halls                 get    -            200  200  200  200  200  200  200  200  200
portal:home                  get    own          200  200  200  200  200  200  200  200  200
portal:home                  get    hall         200  200  200  200  200  200  200  200  200
portal:procedure             get    own          200  200  200  200  200  200  200  200  200
portal:procedure             get    hall         200  200  200  200  200  200  200  200  200
portal:poster                get    own          200  200  200  200  200  200  200  200  200
portal:poster                get    hall         200  200  200  200  200  200  200  200  200
portal:tell                  get    own          200  200  200  200  200  200  200  200  200
portal:tell                  get    hall         200  200  200  200  200  200  200  200  200
portal:tell                  post   own          422  422  422  422  422  422  422  422  422
portal:tell                  post   hall         422  422  422  422  422  422  422  422  422
portal:challenge             get    own          200  200  200  200  200  200  200  200  200
portal:challenge             get    hall         200  200  200  200  200  200  200  200  200
portal:sent                  get    own          200  200  200  200  200  200  200  200  200
portal:sent                  get    hall         200  200  200  200  200  200  200  200  200
portal:sent                  post   own          302  302  302  302  302  302  302  302  302
portal:sent                  post   hall         302  302  302  302  302  302  302  302  302
portal:board                 get     own          200  200  200  200  200  200  200  200  200
portal:board                 get     hall         200  200  200  200  200  200  200  200  200
portal:posting[published]    get     own          200  200  200  200  200  200  200  200  200
portal:posting[published]    get     hall         200  200  200  200  200  200  200  200  200
portal:posting[draft]        get     own          404  404  404  404  404  404  404  404  404
portal:posting[taken_down]   get     own          410  410  410  410  410  410  410  410  410
portal:status                get    own          200  200  200  200  200  200  200  200  200
portal:status                get    hall         200  200  200  200  200  200  200  200  200
portal:status                post   own          422  422  422  422  422  422  422  422  422
portal:status                post   hall         422  422  422  422  422  422  422  422  422
portal:track                 get    own         200  200  200  200  200  200  200  200  200
portal:track                 get    hall        200  200  200  200  200  200  200  200  200
portal:track                 post   own         422  422  422  422  422  422  422  422  422
portal:track                 post   hall        422  422  422  422  422  422  422  422  422
portal:add                   get    own         302  302  302  302  302  302  302  302  302
portal:add                   get    hall        302  302  302  302  302  302  302  302  302
portal:add                   post   own         422  422  422  422  422  422  422  422  422
portal:add                   post   hall        422  422  422  422  422  422  422  422  422
portal:withdraw              get    own         302  302  302  302  302  302  302  302  302
portal:withdraw              get    hall        302  302  302  302  302  302  302  302  302
portal:withdraw              post   own         422  422  422  422  422  422  422  422  422
portal:withdraw              post   hall        422  422  422  422  422  422  422  422  422
portal:evaluate              get    own          200  200  200  200  200  200  200  200  200
portal:evaluate              get    hall         200  200  200  200  200  200  200  200  200
portal:evaluate              post   own          422  422  422  422  422  422  422  422  422
portal:evaluate              post   hall         422  422  422  422  422  422  422  422  422
"""

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """One cell of the table: who asks for what, in a town made for this one question."""

    town: Town
    place: str
    """own, department, hall, or - for none."""
    variant: str
    asker: Staff | None
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def hall(self) -> Hall:
        return self.town.south if self.place == "hall" else self.town.north


def _shift(asked: Asked) -> list[object]:
    staff = asked.town.lu if asked.place == "hall" else asked.town.mei
    return [on_shift(staff, asked.hall, timezone.now() + timedelta(days=1)).pk]


def _alert(asked: Asked) -> list[object]:
    recipient = asked.asker if asked.variant == "mine" and asked.asker else asked.town.mei
    notify(recipients=[recipient], key="asked", level="info", text="Something happened", hall=asked.hall, now=MORNING)
    return [Alert.objects.get(recipient=recipient).pk]


def _failed_message(asked: Asked) -> list[object]:
    _alert(asked)
    alert = Alert.objects.get(recipient=asked.town.mei)
    failed = Delivery.objects.create(
        hall=asked.hall, alert=alert, channel="email", state="dead", attempts=8, next_attempt_at=MORNING
    )
    return [failed.pk]


def _old_register(asked: Asked) -> list[object]:
    director = asked.town.han if asked.place == "hall" else asked.town.chen
    file = io.BytesIO("反映时间,内容\n2024-03-04,漏水\n".encode())
    return [hand_in(hall=asked.hall, asked_by=director, file=file, name="old.csv", now=MORNING).public_id]


def _export(asked: Asked) -> list[object]:
    """Written and kept, of the one who asks now or of somebody else who might."""
    mine = asked.variant == "mine" and asked.asker is not None
    job = ExportJob(
        hall=asked.hall,
        asked_by=asked.asker if mine else asked.town.mei,
        state="done",
        language="en",
        created_at=timezone.now(),
        finished_at=timezone.now(),
    )
    job.file.save("register", ContentFile(b"PK"), save=False)
    job.save()
    return [job.public_id]


def _there(asked: Asked) -> Town:
    """The town with the people and the department of the place asked for standing where those of the own one do."""
    town = asked.town
    if asked.place == "hall":
        return replace(
            town, north=town.south, works=town.south_works, lin=town.lu, wang=town.jiang, zhao=town.shen, chen=town.han
        )
    if asked.place == "department":
        return replace(town, works=town.property, wang=town.sun, zhao=town.zhou)
    return town


def _approved_category(town: Town) -> Category:
    """One whose results the department head approves."""
    return Category.objects.filter(hall=town.north, parent__isnull=False, needs_approval=True)[0]


def _declined(town: Town) -> Case:
    case = matters.registered(town)
    return decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=matters.MONDAY,
        ground="court",
        advice="请到人民法院提起诉讼。",
    )


def _submitted(town: Town) -> TransferSlip:
    slip = matters.investigating(town, category=_approved_category(town))
    return report(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.wang,
        now=matters.MONDAY,
        result="查明原因。",
        remedy="已经处理。",
    )


CASES: dict[str, Callable[[Town], Case]] = {
    "registered": matters.registered,
    "transferred": lambda town: matters.transferred(town).case,
    "accept": matters.registered,
    "transfer": matters.accepted,
    "gone": lambda town: coordination_matters.recalled(town).case,
    "refer": matters.accepted,
    "coordinate": matters.referred,
    "hand_up": matters.referred,
    "add_department": lambda town: matters.coordinated(town)[0].case,
    "decline": matters.accepted,
    "no_longer_accept": matters.accepted,
    "answer_on_the_spot": matters.accepted,
    "confirm": lambda town: matters.registered(town, nature="complaint"),
    "tell_declined": _declined,
    "classify": complaint_matters.registered,
    "name_subject": complaint_matters.registered,
    "open_hearing": complaint_matters.about_qian,
    "record_account": complaint_matters.about_qian,
    "excuse_hearing": complaint_matters.about_qian,
    "record_finding": lambda town: complaint_matters.looked_into(town).case,
    "correct_finding": lambda town: matters.looked_into(complaint_matters.reported(town), town.chen, matters.MONDAY),
    "confirm_correction": complaint_matters.to_be_corrected,
    "decide_sanction": complaint_matters.found,
    "decide_apology": complaint_matters.found,
    "reopen_archived": after_matters.unsettled,
    "keep_closed": after_matters.unsettled,
    "send_link": matters.informed,
    "inform": matters.reported,
    "unreached": matters.reported,
    "send_back": matters.reported,
    "files": matters.reported,
    "withdraw": lambda town: matters.transferred(town).case,
    "ask_withdrawal": course_matters.about_staff,
    "refuse_withdrawal": course_matters.wish_waits,
    "merge": matters.accepted,
    "unmerge": course_matters.merged,
    "conclude": course_matters.second_round,
    "hand_over": lambda town: matters.transferred(town).case,
    "name_contact": course_matters.hidden,
    "nudge": lambda town: matters.transferred(town).case,
    "press": matters.accepted,
    "answer_press": course_matters.desk_pressed,
    "tell_limit": lambda town: limits.extended(town).case,
    "tell_delay": limits.to_be_told_of_delay,
    "ask_pause": matters.reported,
    "grant_pause": limits.desk_asks_pause,
    "refuse_pause": limits.desk_asks_pause,
    "resume": limits.desk_paused,
}

SLIPS: dict[str, Callable[[Town], TransferSlip]] = {
    "": matters.transferred,
    "sign_in": matters.transferred,
    "return_unsigned": matters.transferred,
    "gone": coordination_matters.recalled,
    "ask_return": matters.signed,
    "return_signed": coordination_matters.asked_to_return,
    "refuse_return": coordination_matters.asked_to_return,
    "recall": matters.transferred,
    "reassign": matters.signed,
    "record_plan": coordination_matters.lead_signed,
    "contact": matters.signed,
    "investigate": matters.signed,
    "note": matters.signed,
    "record_interview": complaint_matters.looked_into,
    "record_site_check": complaint_matters.looked_into,
    "record_evidence": complaint_matters.looked_into,
    "report": matters.investigating,
    "submit": lambda town: matters.investigating(town, category=_approved_category(town)),
    "approve": _submitted,
    "reject": _submitted,
    "press": matters.transferred,
    "answer_press": course_matters.department_pressed,
    "ask_pause": matters.signed,
    "grant_pause": limits.pause_asked,
    "refuse_pause": limits.pause_asked,
    "resume": limits.paused,
    "ask_extension": matters.signed,
    "grant_extension": limits.extension_asked,
    "refuse_extension": limits.extension_asked,
}


def _case(asked: Asked) -> list[object]:
    return [CASES[asked.variant or "transferred"](_there(asked)).number]


def _hearing(asked: Asked) -> list[object]:
    """Of the one who asks now, or of somebody else."""
    case = matters.transferred(_there(asked), nature="complaint").case
    person = (asked.asker if asked.variant == "mine" else None) or asked.town.qian
    hearing = Hearing.objects.create(
        case=case,
        staff=person,
        round=1,
        allegations="请说明三月一日上门的经过。",
        opened_by=asked.town.chen,
        opened_at=MORNING,
    )
    return [hearing.public_id]


def _case_verb(asked: Asked) -> list[object]:
    return [*_case(asked), asked.variant]


def _slip(asked: Asked) -> list[object]:
    return [SLIPS[asked.variant](_there(asked)).pk]


def _slip_verb(asked: Asked) -> list[object]:
    return [*_slip(asked), asked.variant]


PAPERS: dict[str, Callable[[Town], Case]] = {
    "registration": lambda town: matters.transferred(town).case,
    "receipt": lambda town: matters.transferred(town).case,
    "refusal": papers.declined,
    "extension": lambda town: papers.asked(town).case,
    "feedback": matters.informed,
    "follow-up": matters.informed,
    "conclusion": papers.concluded,
    "complaint": lambda town: complaint_matters.looked_into(town).case,
}


def _paper(asked: Asked) -> list[object]:
    return [PAPERS[asked.variant](_there(asked)).number, asked.variant]


def _notice(asked: Asked) -> list[object]:
    make: dict[str, Callable[[Town], SupervisionNotice | RectificationNotice]]
    make = {"supervision": papers.pressed, "rectification": papers.dissatisfied, "shared": papers.unhappy_neighbour}
    return [make[asked.variant](_there(asked)).number]


def _clock(asked: Asked) -> list[object]:
    case = CASES["transferred"](_there(asked))
    return [case.deadlines.all()[0].pk]


def _recomputation(asked: Asked) -> list[object]:
    hall = _there(asked).north
    change = Recomputation.objects.create(hall=hall, at=matters.MONDAY, calendar_version="1", looked_at=3)
    return [change.pk]


def _attachment(asked: Asked) -> list[object]:
    town = _there(asked)
    case = CASES["transferred"](town)
    file = CleanFile("notice.pdf", "application/pdf", b"%PDF-1.4 notice")
    [attachment] = attach(case_id=case.pk, files=[file], kind="resident", actor=town.lin, now=matters.MONDAY)
    return [attachment.public_id]


def _hall_site(asked: Asked) -> list[object]:
    return [asked.hall.code]


def _link(asked: Asked) -> list[object]:
    return [asked.hall.code, link_for(matters.informed(_there(asked)), now=timezone.now()).path.split("/")[-2]]


def _receipt(asked: Asked) -> list[object]:
    case = matters.registered(_there(asked), channel="web")
    return [asked.hall.code, address_of(asked.hall, case.pk).split("/")[-2]]


POSTINGS: dict[str, Callable[[Town], Posting]] = {
    "draft": postings.drafted,
    "handed_in": postings.handed_in,
    "published": postings.published,
    "taken_down": postings.taken_down,
    "hand_in": postings.drafted,
    "discard": postings.drafted,
    "give_back": postings.handed_in,
    "publish": postings.handed_in,
    "take_down": postings.published,
}


def _posting(asked: Asked) -> list[object]:
    return [POSTINGS[asked.variant](_there(asked)).pk]


def _status(asked: Asked) -> list[object]:
    case = matters.registered(_there(asked))
    return [asked.hall.code, case.tracking_code]


ARGUMENTS: dict[str, Callable[[Asked], list[object]]] = {
    "desk:case_detail": _case,
    "desk:case_verb": _case_verb,
    "desk:slip_verb": _slip_verb,
    "desk:hearing_detail": _hearing,
    "desk:clock_detail": _clock,
    "desk:recomputation_detail": _recomputation,
    "desk:print_receipt": _case,
    "desk:print_slip": _slip,
    "desk:print_paper": _paper,
    "desk:print_notice": _notice,
    "desk:attachment": _attachment,
    "desk:follow_up": lambda asked: [matters.informed(_there(asked)).number],
    "desk:second_look": lambda asked: [after_matters.archived(_there(asked)).number],
    "desk:resident_reveal": _case,
    "portal:home": _hall_site,
    "portal:procedure": _hall_site,
    "portal:poster": _hall_site,
    "portal:tell": _hall_site,
    "portal:challenge": _hall_site,
    "portal:sent": _receipt,
    "portal:status": _status,
    "portal:track": _hall_site,
    "portal:add": _hall_site,
    "portal:withdraw": _hall_site,
    "portal:board": lambda asked: [asked.hall.code],
    "portal:posting": lambda asked: [asked.hall.code, *_posting(asked)],
    "desk:board_draft": lambda asked: [matters.informed(_there(asked)).number],
    "desk:board_detail": _posting,
    "desk:board_edit": _posting,
    "desk:board_print": _posting,
    "desk:board_verb": lambda asked: [*_posting(asked), asked.variant],
    "portal:evaluate": _link,
    "desk:duty_remove": _shift,
    "desk:duty_hand_over": _shift,
    "desk:alert_open": _alert,
    "desk:alert_read": _alert,
    "desk:delivery_retry": _failed_message,
    "desk:import_detail": _old_register,
    "desk:import_progress": _old_register,
    "desk:import_to_mend": _old_register,
    "desk:export_detail": _export,
    "desk:export_progress": _export,
    "desk:export_file": _export,
}

POSTED: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "desk:hall_switch": lambda asked: {"hall": asked.hall.pk},
    "dashboard:hall_open": lambda asked: {"hall": asked.hall.pk},
}
