"""The only home of personal data. Other rooms point at a Resident; they never copy a name, a number or an address."""

from __future__ import annotations

import hmac
import logging
from datetime import date

from django.db import connections, models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from foundation.organization.models import Hall, Role, Staff
from foundation.residents import crypto
from foundation.residents.fields import EARLIEST_BIRTH, mask_id_number, mask_phone, subscriber_digits
from foundation.residents.names import mask_name

logger = logging.getLogger(__name__)

# What stands in the name of an erased resident: a constraint wants a name, and this reads the same in any language.
ERASED_NAME = "***"
SEALED_FIELDS = ("phone", "id_number")
HIDDEN = "****"


class Sex(models.TextChoices):
    FEMALE = "female", _("female")
    MALE = "male", _("male")


class ResidentQuerySet(models.QuerySet["Resident"]):
    def visible_to(self, staff: Staff) -> ResidentQuerySet:
        """Residents a person may look up by themselves: those of the halls whose desk they serve.

        Everybody else meets a resident only through a case they may see.
        """
        halls = {
            membership.hall_id
            for membership in staff.active_memberships
            if membership.role in (Role.RECEPTIONIST, Role.DIRECTOR) and membership.department_id is None
        }
        return self.filter(hall__in=halls)

    def next_id(self) -> int:
        """The id of a row about to be inserted: what is sealed must know its row beforehand."""
        with connections[self.db].cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", [self.model._meta.db_table, "id"])
            row: tuple[int] = cursor.fetchone()
        return row[0]


class Resident(models.Model):
    """A person as one hall knows them. Written by actions.py only; phone and ID number are sealed."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="residents")
    name = models.CharField(_("name"), max_length=80)
    initials = models.CharField(_("pinyin initials"), max_length=80, blank=True, editable=False)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex.choices, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    employer = models.CharField(_("employer"), max_length=120, blank=True)
    estate = models.CharField(_("estate"), max_length=80, blank=True)
    building = models.CharField(_("building"), max_length=40, blank=True)
    unit = models.CharField(pgettext_lazy("part of an address", "unit"), max_length=40, blank=True)
    room = models.CharField(_("room"), max_length=40, blank=True)
    grid = models.CharField(_("grid"), max_length=40, blank=True)
    address_note = models.CharField(_("address, in free words"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone_sealed = models.BinaryField(_("phone"), null=True, editable=False)
    phone_token = models.BinaryField(null=True, editable=False)
    phone_tail_token = models.BinaryField(null=True, editable=False)
    id_number_sealed = models.BinaryField(_("ID number"), null=True, editable=False)
    id_number_token = models.BinaryField(null=True, editable=False)
    registered_at = models.DateTimeField(_("registered"))
    updated_at = models.DateTimeField(_("changed"))
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = ResidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="resident_has_name"),
            models.CheckConstraint(condition=Q(sex__in=["", *Sex.values]), name="resident_sex_known"),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=True) | Q(birth_date__gte=EARLIEST_BIRTH),
                name="resident_born_after_1900",
            ),
            models.CheckConstraint(
                condition=Q(phone_sealed__isnull=True, phone_token__isnull=True, phone_tail_token__isnull=True)
                | Q(phone_sealed__isnull=False, phone_token__isnull=False, phone_tail_token__isnull=False),
                name="resident_phone_with_tokens",
            ),
            models.CheckConstraint(
                condition=Q(id_number_sealed__isnull=True, id_number_token__isnull=True)
                | Q(id_number_sealed__isnull=False, id_number_token__isnull=False),
                name="resident_id_number_with_token",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    name=ERASED_NAME,
                    initials="",
                    sex="",
                    birth_date__isnull=True,
                    employer="",
                    estate="",
                    building="",
                    unit="",
                    room="",
                    grid="",
                    address_note="",
                    email="",
                    phone_sealed__isnull=True,
                    id_number_sealed__isnull=True,
                ),
                name="resident_erased_is_empty",
            ),
        ]
        indexes = [
            models.Index(
                fields=["hall", "name"], opclasses=["int8_ops", "varchar_pattern_ops"], name="resident_by_name"
            ),
            models.Index(
                fields=["hall", "initials"], opclasses=["int8_ops", "varchar_pattern_ops"], name="resident_by_initials"
            ),
            models.Index(fields=["hall", "phone_token"], name="resident_by_phone"),
            models.Index(fields=["hall", "phone_tail_token"], name="resident_by_phone_tail"),
            models.Index(fields=["hall", "id_number_token"], name="resident_by_id_number"),
        ]

    def __str__(self) -> str:
        return gettext("erased") if self.erased_at else self.name

    @property
    def masked_name(self) -> str:
        """The surname only, for places where more must not be shown."""
        if self.erased_at:
            return gettext("erased")
        return mask_name(self.name, sex=self.sex)

    @property
    def has_phone(self) -> bool:
        return self.phone_sealed is not None

    @property
    def has_id_number(self) -> bool:
        return self.id_number_sealed is not None

    @property
    def masked_phone(self) -> str:
        return self._masked("phone")

    @property
    def masked_id_number(self) -> str:
        return self._masked("id_number")

    @property
    def masked_email(self) -> str:
        if self.erased_at:
            return gettext("erased")
        account, at, domain = self.email.partition("@")
        return f"{account[:1]}{HIDDEN}{at}{domain}" if self.email else ""

    @property
    def address(self) -> str:
        """Estate, building, unit, room and what was added in free words; numbers get their word (Building 3)."""
        if self.erased_at:
            return gettext("erased")
        parts = [self.estate, self._building(), self._numbered(self.unit, gettext("Unit %s"))]
        parts += [self._numbered(self.room, gettext("Room %s")), self.address_note]
        return " ".join(part for part in parts if part)

    @property
    def masked_address(self) -> str:
        """Estate and building; that there is more is shown, what it is not."""
        if self.erased_at:
            return gettext("erased")
        more = HIDDEN if self.unit or self.room or self.address_note else ""
        return " ".join(part for part in (self.estate, self._building(), more) if part)

    def age(self, on: date) -> int | None:
        """Whole years on that day."""
        if self.birth_date is None:
            return None
        before_birthday = (on.month, on.day) < (self.birth_date.month, self.birth_date.day)
        return on.year - self.birth_date.year - before_birthday

    def phone_ends_with(self, digits: str) -> bool:
        """Whether these are the last four digits of the phone number; the number itself stays sealed."""
        if self.phone_tail_token is None:
            return False
        return hmac.compare_digest(bytes(self.phone_tail_token), phone_tail_token(self.hall_id, digits))

    def seal(self, field: str, plain: str) -> None:
        """Sets phone or ID number, already normalized, with its tokens; empty removes it. The row must have its id."""
        assert self.pk is not None, "A value is sealed for a row, so the row's id comes first."
        setattr(self, f"{field}_sealed", crypto.seal(plain, place=sealing_place(self.pk, field)) if plain else None)
        if field == "phone":
            self.phone_token = phone_token(plain) if plain else None
            self.phone_tail_token = phone_tail_token(self.hall_id, subscriber_digits(plain)[-4:]) if plain else None
        else:
            self.id_number_token = id_number_token(plain) if plain else None

    def unseal(self, field: str) -> str:
        """The plain value. For the verbs of this package: everybody else asks `reveal`, which leaves a trace."""
        sealed: bytes | memoryview | None = getattr(self, f"{field}_sealed")
        return crypto.unseal(sealed, place=sealing_place(self.pk, field)) if sealed is not None else ""

    def _masked(self, field: str) -> str:
        if self.erased_at:
            return gettext("erased")
        try:
            plain = self.unseal(field)
        except crypto.Unreadable:
            # A damaged value must not take the whole page away; revealing it says so plainly.
            logger.exception("The %s of resident %s cannot be read.", field, self.pk)
            return gettext("unreadable")
        if not plain:
            return ""
        return mask_phone(plain) if field == "phone" else mask_id_number(plain)

    def _building(self) -> str:
        return self._numbered(self.building, gettext("Building %s"))

    @staticmethod
    def _numbered(part: str, word: str) -> str:
        # Offices write "3" as often as the whole word; only the bare number needs the word.
        return word % part if part.isascii() and part.replace("-", "").isalnum() else part


class LookupKind(models.TextChoices):
    NAME = "name", _("name")
    INITIALS = "initials", _("pinyin initials")
    PHONE = "phone", _("phone")
    PHONE_TAIL = "phone_tail", _("last four digits of the phone")
    ID_NUMBER = "id_number", _("ID number")


class LookupLog(models.Model):
    """That somebody looked for residents, how, and with how many answers; never what they typed."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, verbose_name=_("staff member"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=LookupKind.choices)
    found = models.PositiveSmallIntegerField(_("found"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("look-up")
        verbose_name_plural = _("look-ups")
        indexes = [models.Index(fields=["staff", "at"], name="lookup_by_staff")]

    def __str__(self) -> str:
        return f"{self.staff} {self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"


def sealing_place(resident_id: int, field: str) -> str:
    """What a sealed value is bound to."""
    return f"resident:{resident_id}:{field}"


def phone_token(phone: str) -> bytes:
    """Of a normalized number. An extension does not count: the same switchboard is the same number."""
    return crypto.token("phone", subscriber_digits(phone))


def phone_tail_token(hall_id: int, digits: str) -> bytes:
    """Of the last four digits, for one hall: ten thousand values repeat, so no two halls share their tokens."""
    return crypto.token("phone-tail", f"{hall_id}:{digits}")


def id_number_token(id_number: str) -> bytes:
    return crypto.token("id-number", id_number)
