"""What staff are told (Alert, the inbox), what residents are told (Message), and what leaves the house for both
(Delivery, the outbox)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.notifications.gateways import validate_gateway
from foundation.organization.models import Hall, Role, Staff
from foundation.residents.models import Resident

# Who looks after messages that did not arrive. The street office's people have these roles without a hall.
DELIVERY_ROLES = (Role.DIRECTOR, Role.SUPERVISOR, Role.ADMINISTRATOR)

# A path of our own and nothing a browser would read as another host: it drops tabs and line ends before reading.
LOCAL_PATH = r"^/([^/\\[:cntrl:]][^[:cntrl:]]*)?$"

SENDING_STARTS = time(8)
SENDING_ENDS = time(20)


class Level(models.TextChoices):
    INFO = "info", _("notice")
    ACTION = "action", _("to do")
    YELLOW = "yellow", _("yellow card")
    RED = "red", _("red card")


def render(text: str, params: Mapping[str, object], hall: Hall) -> str:
    """The text in the language that is active, moments in the hall's own time.

    A parameter whose name ends in `_at` is a moment in ISO form, one that ends in `_label` is itself a message id:
    both can only be worded for the reader, who is not known when the alert is written.
    """
    words = dict(params)
    for name, value in params.items():
        if name.endswith("_at"):
            words[name] = date_format(localtime(datetime.fromisoformat(str(value)), hall.zone), "DATETIME_FORMAT")
        elif name.endswith("_label"):
            words[name] = gettext(str(value))
    return gettext(text) % words


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, staff: Staff) -> AlertQuerySet:
        """An inbox is its owner's alone, whatever roles others hold."""
        return self.filter(recipient=staff, withdrawn_at=None)

    def unread(self) -> AlertQuerySet:
        return self.filter(read_at=None)


class Alert(models.Model):
    """One thing one person is told once: the inbox row is there at once, messages elsewhere follow it."""

    hall = models.ForeignKey(
        Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="alerts", db_index=False
    )
    recipient = models.ForeignKey(
        Staff, verbose_name=_("recipient"), on_delete=models.CASCADE, related_name="alerts", db_index=False
    )
    key = models.CharField(_("key"), max_length=200)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    # An English message id with %(name)s placeholders; the reader's language is chosen when it is shown.
    text = models.CharField(_("text"), max_length=300)
    # Numbers, departments, moments; never a resident's name, phone or words.
    params = models.JSONField(_("parameters"), default=dict)
    url = models.CharField(_("page"), max_length=300, blank=True)
    chain = models.ForeignKey(
        "ledger.Chain",
        verbose_name=_("ledger chain"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="alerts",
        db_index=False,
    )
    urgent = models.BooleanField(_("urgent"), default=False)
    created_at = models.DateTimeField(_("created"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="alert_once"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="alert_level_known"),
            models.CheckConstraint(condition=Q(url="") | Q(url__regex=LOCAL_PATH), name="alert_url_local"),
        ]
        indexes = [
            models.Index(
                "recipient", F("created_at").desc(), F("id").desc(), condition=Q(withdrawn_at=None), name="alert_inbox"
            ),
            models.Index(
                "recipient",
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(withdrawn_at=None, read_at=None),
                name="alert_unread",
            ),
            models.Index(fields=["chain", "recipient"], condition=Q(chain__isnull=False), name="alert_by_chain"),
        ]

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> str:
        """The text for whoever reads it now."""
        return render(self.text, self.params, self.hall)


class Message(models.Model):
    """One thing one resident is told once, by every way they can be reached on; there is no inbox behind it."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="+", db_index=False)
    resident = models.ForeignKey(
        Resident, verbose_name=_("resident"), on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    key = models.CharField(_("key"), max_length=200)
    # An English message id with %(name)s placeholders; params hold no personal data, as the message leaves the house.
    text = models.CharField(_("text"), max_length=300)
    params = models.JSONField(_("parameters"), default=dict)
    path = models.CharField(_("page"), max_length=300, blank=True)
    chain = models.ForeignKey(
        "ledger.Chain",
        verbose_name=_("ledger chain"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    urgent = models.BooleanField(_("urgent"), default=False)
    created_at = models.DateTimeField(_("created"), db_index=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    """Since when no way of reaching them is left: all were tried in vain."""

    class Meta:
        verbose_name = _("message to a resident")
        verbose_name_plural = _("messages to residents")
        constraints = [
            models.UniqueConstraint(fields=["resident", "key"], name="message_once"),
            models.CheckConstraint(condition=Q(path="") | Q(path__regex=LOCAL_PATH), name="message_path_local"),
        ]
        indexes = [models.Index(fields=["failed_at"], condition=Q(failed_at__isnull=False), name="message_failed")]

    def __str__(self) -> str:
        return self.key

    @property
    def words(self) -> str:
        """The text in the language that is active."""
        return render(self.text, self.params, self.hall)


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    MESSAGE = "message", _("message service")
    SMS = "sms", _("text message")


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("to be sent")
    SENT = "sent", _("sent")
    DEAD = "dead", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, staff: Staff) -> DeliveryQuerySet:
        """Deliveries of the halls whose messages this person looks after."""
        halls = {membership.hall_id for membership in staff.active_memberships if membership.role in DELIVERY_ROLES}
        return self if None in halls else self.filter(hall__in=halls)

    def dead(self) -> DeliveryQuerySet:
        return self.filter(state=DeliveryState.DEAD)


class Delivery(models.Model):
    """One message to be sent outside the inbox, kept until it is sent, has failed for good, or must not be sent."""

    hall = models.ForeignKey(
        Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    alert = models.ForeignKey(
        Alert,
        verbose_name=_("alert"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,
    )
    message = models.ForeignKey(
        Message,
        verbose_name=_("message to a resident"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The next moment to look at it. A claim moves it ahead, so that a claim nobody finishes becomes due by itself.
    next_attempt_at = models.DateTimeField(_("next attempt"))
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["alert", "channel"], name="delivery_once_per_channel"),
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once_per_way"),
            models.CheckConstraint(
                condition=Q(alert=None, message__isnull=False) | Q(alert__isnull=False, message=None),
                name="delivery_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at=None)),
                name="delivery_sent_has_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state=DeliveryState.PENDING), name="delivery_due"),
            models.Index(fields=["hall", "-id"], condition=Q(state=DeliveryState.DEAD), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_state_display()}"

    @property
    def told_at(self) -> datetime:
        """When what it carries was written."""
        told = self.alert or self.message
        assert told is not None
        return told.created_at

    @property
    def recipient_name(self) -> str:
        """For the eye of who looks after messages; which resident it is concerns only who may see the matter."""
        return self.alert.recipient.name if self.alert else gettext("a resident")

    @property
    def address_name(self) -> str:
        """Where it goes, for the eye: a resident's address in part; that of a service carries its password."""
        if self.message is not None:
            resident = self.message.resident
            return resident.masked_email if self.channel == Channel.EMAIL else resident.masked_phone
        assert self.alert is not None
        recipient = self.alert.recipient
        if self.channel == Channel.EMAIL:
            return recipient.email
        return recipient.notification_url.partition("://")[0]


class SendingHours(models.Model):
    """When a hall's messages may go out; urgent ones go at any hour. Without a row: 8:00 to 20:00."""

    hall = models.OneToOneField(
        Hall, verbose_name=_("hall"), on_delete=models.CASCADE, primary_key=True, related_name="sending_hours"
    )
    starts = models.TimeField(_("from"), default=SENDING_STARTS)
    ends = models.TimeField(_("until"), default=SENDING_ENDS)

    class Meta:
        verbose_name = _("sending hours")
        verbose_name_plural = _("sending hours")
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="sending_hours_forward")]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"


class SmsGateway(models.Model):
    """Over which service a hall writes to mobile phones. The address carries the service's password."""

    hall = models.OneToOneField(
        Hall, verbose_name=_("hall"), on_delete=models.CASCADE, primary_key=True, related_name="sms_gateway"
    )
    url = models.CharField(_("address of the service"), max_length=500, validators=[validate_gateway])
    """As apprise reads it, with {phone} where the number goes."""

    class Meta:
        verbose_name = _("text message service")
        verbose_name_plural = _("text message services")
        constraints = [models.CheckConstraint(condition=Q(url__contains="{phone}"), name="sms_gateway_takes_number")]

    def __str__(self) -> str:
        return self.masked_url

    @property
    def masked_url(self) -> str:
        """Which service it is, and nothing of its secrets."""
        return f"{self.url.partition('://')[0]}://***"
