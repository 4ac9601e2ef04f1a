"""Log-ins leave rows behind that would grow for ten years."""

from __future__ import annotations

from typing import Final

from django.core.management import call_command

DAYS_KEPT: Final = 180
"""How long it stays known who logged in, failed to, or was locked out, and from where."""


def forget_old_log_ins() -> None:
    """Ended sessions go at once, the log of log-ins after half a year."""
    call_command("clearsessions")
    call_command("axes_reset_logs", age=DAYS_KEPT)
