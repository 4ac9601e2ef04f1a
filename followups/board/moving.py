"""What every verb of the board shares: lock, look who presses, run the transition, write it down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed, can_proceed, has_transition_perm

from cases.actions.moving import lock_case, required
from followups.posting import LONGEST_TEXT, LONGEST_TITLE, Posting
from foundation.ledger.actions import append, hall_chain
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState


def lock_posting(*, posting_id: int, actor: Staff, transition_no: int) -> Posting:
    """The posting and, before it, its case, both locked. transition_no: as the page was drawn with.

    Raises NotAllowed for who is barred from the case, Stale when somebody was faster or it is gone.
    """
    case_id = Posting.objects.values_list("case_id", flat=True).filter(pk=posting_id).first()
    case = lock_case(case_id=case_id, actor=actor, transition_no=None) if case_id is not None else None
    posting = (
        Posting.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hall", "drafted_by")
        .filter(pk=posting_id)
        .first()
    )
    if posting is None:
        raise Stale(_("Somebody was faster: this draft was thrown away."))
    if case is not None:
        posting.case = case
    if posting.transition_no != transition_no:
        raise Stale(
            _("Somebody was faster: the posting has changed and is now “%(state)s”. Look at it again.")
            % {"state": posting.get_state_display()}
        )
    return posting


def move(posting: Posting, verb: str, actor: Staff, **arguments: Any) -> None:
    """Run a transition. Raises WrongState or NotAllowed, in words."""
    method = getattr(posting, verb)
    wrong_state = _("This cannot be done now: the posting is “%(state)s”.") % {"state": posting.get_state_display()}
    if not can_proceed(method):
        raise WrongState(wrong_state)
    if not has_transition_perm(method, actor):
        raise NotAllowed(_("You have no right to do this with this posting."))
    try:
        method(**arguments)
    except TransitionNotAllowed as refusal:
        raise WrongState(wrong_state) from refusal


def write_down(
    posting: Posting,
    kind: str,
    *,
    actor: Staff,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """On the hall's own chain, without the case: whoever reads it may be barred from that."""
    facts = {"posting": posting.pk, "kind": posting.kind, "state": posting.state, **(payload or {})}
    append(chain=hall_chain(posting.hall), kind=kind, actor=actor, happened_at=now, now=now, payload=facts)


def save(posting: Posting) -> None:
    posting.transition_no += 1
    posting.save()


def checked(*, title: str, raised: str, text: str) -> dict[str, str]:
    """The three texts without spaces around them. Raises Refused at the field."""
    title = " ".join(required(title, "title", _("Give it a title.")).split())
    text = required(text, "text", _("Write down what there is to say."))
    if len(title) > LONGEST_TITLE:
        raise Refused(_("At most %(most)d characters.") % {"most": LONGEST_TITLE}, field="title")
    for name, words in (("raised", raised), ("text", text)):
        if len(words) > LONGEST_TEXT:
            raise Refused(_("At most %(most)d characters.") % {"most": LONGEST_TEXT}, field=name)
    return {"title": title, "raised": raised.strip().replace("\r\n", "\n"), "text": text.replace("\r\n", "\n")}
