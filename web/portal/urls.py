from django.urls import path

from web.portal import added, board, challenge, evaluate, home, poster, procedure, sent, tell, track

app_name = "portal"
urlpatterns = [
    path("", home.halls, name="halls"),
    path("<str:hall_code>/", home.home, name="home"),
    path("<str:hall_code>/board/", board.board, name="board"),
    path("<str:hall_code>/board/<int:pk>/", board.posting, name="posting"),
    path("<str:hall_code>/procedure/", procedure.procedure, name="procedure"),
    path("<str:hall_code>/poster/", poster.poster, name="poster"),
    path("<str:hall_code>/tell/", tell.tell, name="tell"),
    path("<str:hall_code>/challenge/", challenge.challenge, name="challenge"),
    path("<str:hall_code>/sent/<str:token>/", sent.sent, name="sent"),
    path("<str:hall_code>/t/<str:tracking_code>/", track.status, name="status"),
    path("<str:hall_code>/track/", track.track, name="track"),
    path("<str:hall_code>/track/add/", added.add, name="add"),
    path("<str:hall_code>/track/withdraw/", added.withdraw, name="withdraw"),
    path("<str:hall_code>/e/<str:token>/", evaluate.evaluate, name="evaluate"),
]
