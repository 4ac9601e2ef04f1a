"""The record nobody can alter: a chain for each case and each hall, its entries, their texts, and the seals over all.

Triggers refuse what the program never does, so that a mistake is an error and not a loss. Against someone who can
switch triggers off stand the keyed MACs, the seals and what was published of them: see verify.py.
"""

from __future__ import annotations

import json
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.organization.models import Hall, Staff

GENESIS = bytes(32)
"""What the first entry of a chain and the first seal name as the MAC before them."""

HALL_CHAIN = 0
"""Number of the hall's own chain (terms, exports, reveals without a case); cases count from 1."""

ERASED = "erased"
"""Kind of the entry that says which texts of its chain were erased."""


def append_only(name: str) -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Protect(name=f"{name}_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        kept_whole(name),
    ]


def kept_whole(name: str) -> pgtrigger.Trigger:
    # Row triggers don't see TRUNCATE.
    return pgtrigger.Trigger(
        name=f"{name}_no_truncate",
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        func="RAISE EXCEPTION 'Cannot truncate %', TG_TABLE_NAME;",
    )


class Chain(models.Model):
    """One line of entries. Who may read it is told by the case it belongs to, so there is no `visible_to` here."""

    hall = models.ForeignKey(
        Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="chains", db_index=False
    )
    number = models.PositiveBigIntegerField(_("number"))
    seq = models.PositiveBigIntegerField(_("entries"), default=0)
    head = models.BinaryField(_("MAC of the last entry"), max_length=32, default=GENESIS)

    class Meta:
        verbose_name = _("chain")
        verbose_name_plural = _("chains")
        constraints = [models.UniqueConstraint(fields=["hall", "number"], name="chain_number_once_in_hall")]
        triggers = [
            pgtrigger.Protect(
                name="chain_only_forward",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__seq__lte=pgtrigger.F("old__seq"))
                | pgtrigger.Q(old__id__df=pgtrigger.F("new__id"))
                | pgtrigger.Q(old__hall__df=pgtrigger.F("new__hall"))
                | pgtrigger.Q(old__number__df=pgtrigger.F("new__number")),
            ),
            pgtrigger.Protect(name="chain_no_delete", operation=pgtrigger.Delete),
            kept_whole("chain"),
        ]

    def __str__(self) -> str:
        return f"{self.hall} · {self.number}"


class Entry(models.Model):
    """One thing that happened. The id is the order of recording; `happened_at` may lie before (imports)."""

    chain = models.ForeignKey(
        Chain, verbose_name=_("chain"), on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    seq = models.PositiveBigIntegerField(_("number in the chain"))
    kind = models.CharField(_("kind"), max_length=60)
    actor = models.ForeignKey(
        Staff,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    happened_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"))
    payload = models.TextField(_("contents"), help_text=_("The exact canonical JSON text the MAC is taken over."))
    mac = models.BinaryField(_("MAC"), max_length=32)
    previous_mac = models.BinaryField(_("MAC of the entry before"), max_length=32)
    key_id = models.CharField(_("key"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="entry_seq_once_in_chain")]
        triggers = append_only("entry")

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"

    @property
    def data(self) -> dict[str, Any]:
        """The payload, parsed."""
        parsed: dict[str, Any] = json.loads(self.payload)
        return parsed


class Text(models.Model):
    """Free text and personal data beside an entry. Erased, it leaves its digest, so that the chain still verifies."""

    entry = models.ForeignKey(
        Entry, verbose_name=_("entry"), on_delete=models.PROTECT, related_name="texts", db_index=False
    )
    name = models.CharField(_("name"), max_length=60)
    content = models.TextField(_("text"), null=True)  # noqa: DJ001  null means erased, empty means empty
    salt = models.BinaryField(_("salt"), max_length=16, null=True)
    digest = models.BinaryField(_("SHA-256 of salt and text"), max_length=32)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(fields=["entry", "name"], name="text_name_once_in_entry"),
            models.CheckConstraint(
                condition=Q(content__isnull=True, salt__isnull=True) | Q(content__isnull=False, salt__isnull=False),
                name="text_erased_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="text_only_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__content__isnull=False)
                | pgtrigger.Q(new__salt__isnull=False)
                | pgtrigger.Q(old__id__df=pgtrigger.F("new__id"))
                | pgtrigger.Q(old__entry__df=pgtrigger.F("new__entry"))
                | pgtrigger.Q(old__name__df=pgtrigger.F("new__name"))
                | pgtrigger.Q(old__digest__df=pgtrigger.F("new__digest")),
            ),
            pgtrigger.Protect(name="text_no_delete", operation=pgtrigger.Delete),
            kept_whole("text"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_erased(self) -> bool:
        return self.content is None


class Seal(models.Model):
    """What stood at the head of every chain that changed since the seal before; over all halls."""

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    sealed_at = models.DateTimeField(_("sealed"))
    last_entry = models.PositiveBigIntegerField(_("last entry it covers"))
    chain_count = models.PositiveBigIntegerField(_("chains"))
    previous_digest = models.BinaryField(_("digest of the seal before"), max_length=32)
    digest = models.BinaryField(_("digest"), max_length=32)
    key_id = models.CharField(_("key"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        triggers = append_only("seal")

    def __str__(self) -> str:
        return f"{self.number} {bytes(self.digest).hex()}"


class SealedHead(models.Model):
    """One chain in one seal. Plain numbers instead of a foreign key: it must outlive a chain somebody takes away."""

    seal = models.ForeignKey(
        Seal, verbose_name=_("seal"), to_field="number", on_delete=models.PROTECT, related_name="heads", db_index=False
    )
    chain_id = models.PositiveBigIntegerField(_("chain"))
    hall_id = models.PositiveBigIntegerField(_("hall"))
    number = models.PositiveBigIntegerField(_("number of the chain"))
    seq = models.PositiveBigIntegerField(_("entries"))
    head = models.BinaryField(_("MAC of the last entry"), max_length=32)

    class Meta:
        verbose_name = _("sealed head")
        verbose_name_plural = _("sealed heads")
        constraints = [
            models.UniqueConstraint(fields=["seal", "chain_id"], name="sealed_head_once_in_seal"),
            models.UniqueConstraint(fields=["chain_id", "seq"], name="sealed_head_once_in_chain"),
        ]
        triggers = append_only("sealed_head")

    def __str__(self) -> str:
        return f"{self.number}:{self.seq}"


class DailySeal(models.Model):
    """The digest that left the database on a day (board, report, file, mail): what no key holder can take back."""

    day = models.DateField(_("day"), unique=True)
    seal_number = models.PositiveBigIntegerField(_("seal"))
    digest = models.BinaryField(_("digest"), max_length=32)
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("daily seal")
        verbose_name_plural = _("daily seals")
        ordering = ["-day"]
        triggers = [
            pgtrigger.Protect(
                name="daily_seal_only_published",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=False)
                | pgtrigger.Q(old__id__df=pgtrigger.F("new__id"))
                | pgtrigger.Q(old__day__df=pgtrigger.F("new__day"))
                | pgtrigger.Q(old__seal_number__df=pgtrigger.F("new__seal_number"))
                | pgtrigger.Q(old__digest__df=pgtrigger.F("new__digest")),
            ),
            pgtrigger.Protect(name="daily_seal_no_delete", operation=pgtrigger.Delete),
            kept_whole("daily_seal"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {bytes(self.digest).hex()}"
