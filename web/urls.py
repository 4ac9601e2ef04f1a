"""What stands before the rooms of the web: the start page and the log-in."""

from django.urls import path

from web import home, session

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", session.log_in, name="login"),
    path("logout/", session.log_out, name="logout"),
    path("password/", session.change_password, name="password_change"),
    path("session/", session.session_state, name="session_state"),
]
