from django.urls import URLPattern, path

from web import home
from web.desk import (
    alerts,
    case,
    duty,
    files,
    follow_up,
    inbox,
    lists,
    personal,
    register,
    register_lookup,
)
from web.desk import home as desk_home
from web.desk.papers import views as papers

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("hall/", home.hall_switch, name="hall_switch"),
    path("shortcuts/", home.shortcuts_switch, name="shortcuts_switch"),
    path("desk/", desk_home.home, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("cases/", lists.case_list, name="case_list"),
    path("follow-ups/", follow_up.follow_up_list, name="follow_up_list"),
    path("register/", register.register, name="register"),
    path("register/residents/", register_lookup.register_residents, name="register_residents"),
    path("register/similar/", register_lookup.register_similar, name="register_similar"),
    path("register/promise/", register_lookup.register_promise, name="register_promise"),
    path("cases/<str:number>/", case.case_detail, name="case_detail"),
    path("cases/<str:number>/receipt/", papers.print_paper, {"paper": "receipt"}, name="print_receipt"),
    path("cases/<str:number>/papers/<slug:paper>/", papers.print_paper, name="print_paper"),
    path("slips/<int:pk>/print/", papers.print_slip, name="print_slip"),
    path("notices/<str:number>/print/", papers.print_notice, name="print_notice"),
    path("print/", papers.print_selection, name="print_selection"),
    path("print/registration/", papers.print_empty, name="print_empty"),
    path("cases/<str:number>/attempt_follow_up/", follow_up.follow_up, name="follow_up"),
    path("cases/<str:number>/reveal/", personal.resident_reveal, name="resident_reveal"),
    path("cases/<str:number>/<slug:verb>/", case.case_verb, name="case_verb"),
    path("slips/<int:pk>/<slug:verb>/", case.slip_verb, name="slip_verb"),
    path("clocks/<int:pk>/", case.clock_detail, name="clock_detail"),
    path("files/<uuid:public_id>/", files.attachment, name="attachment"),
    path("duty/", duty.duty_list, name="duty_list"),
    path("duty/add/", duty.duty_add, name="duty_add"),
    path("duty/copy/", duty.duty_copy, name="duty_copy"),
    path("duty/<int:pk>/remove/", duty.duty_remove, name="duty_remove"),
    path("duty/<int:pk>/hand-over/", duty.duty_hand_over, name="duty_hand_over"),
    path("alerts/", alerts.alert_list, name="alert_list"),
    path("alerts/read/", alerts.alert_read_all, name="alert_read_all"),
    path("alerts/<int:pk>/open/", alerts.alert_open, name="alert_open"),
    path("alerts/<int:pk>/read/", alerts.alert_read, name="alert_read"),
    path("deliveries/", alerts.delivery_list, name="delivery_list"),
    path("deliveries/<int:pk>/send-again/", alerts.delivery_retry, name="delivery_retry"),
]
