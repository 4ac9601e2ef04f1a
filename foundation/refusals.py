"""Why an action was not done. Every action raises one of these instead of half-doing its work.

The message is for the person who pressed the button: translated, complete, and saying what to do next.
"""

from django.utils.functional import Promise


class Refused(Exception):
    """The action was not done; nothing was written."""

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        """Name of the form field the message belongs to, if it belongs to one."""

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refused):
    """This person has no right to do this here."""


class WrongState(Refused):
    """The case or slip is not in a state in which this can be done."""


class Stale(Refused):
    """Somebody else was faster: the page was drawn before the last transition."""
