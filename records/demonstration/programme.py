"""What is printed once the demonstration is played: who to log in as, and what is there to see."""

from __future__ import annotations

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case
from cases.vocabulary import CaseState
from foundation.organization.models import Hall, Role, Staff
from records.demonstration.script import Post, Script

# Where each role begins. The web knows it, but stands above this room; a test compares the two.
STARTS: dict[Role, str] = {
    Role.RECEPTIONIST: "desk:home",
    Role.DIRECTOR: "desk:home",
    Role.HANDLER: "desk:inbox",
    Role.HEAD: "desk:inbox",
    Role.SUPERVISOR: "dashboard:home",
    Role.MONITOR: "dashboard:home",
    Role.ADMINISTRATOR: "admin:index",
}


def counts(hall: Hall) -> str:
    """How many cases stand in each state."""
    rows = Case.objects.filter(hall=hall).order_by().values_list("state").annotate(count=Count("pk"))
    by_state = dict(rows)
    return ", ".join(f"{state.label} {by_state[state]}" for state in CaseState if state in by_state)


def shown_posts(script: Script) -> list[Post]:
    """One log-in for each role."""
    posts = [post for house in script.houses for post in house.people] + script.street
    return [post for post in posts if post.login]


def start_page(post: Post) -> str:
    return reverse(STARTS[Role(post.roles[0])])


def logins(script: Script) -> list[str]:
    """A line for each log-in: user name, who that is, and the page they begin with."""
    lines = []
    for post in shown_posts(script):
        membership = Staff.objects.get(username=post.username).active_memberships[0]
        place = membership.department or membership.hall or _("street office")
        lines.append(f"  {post.username:<12} {post.name} · {Role(post.roles[0]).label} · {place}  {start_page(post)}")
    return lines
