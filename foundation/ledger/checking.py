"""What is wrong with one chain, found entry by entry. verify.py runs it over all chains, reading.py over one."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.ledger import mac
from foundation.ledger.models import ERASED, GENESIS, Chain, Entry, SealedHead, Text


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that was done behind the program's back, and where. `seq` is the first bad entry of the chain."""

    message: Promise
    """With %(hall)s, %(number)s, %(seq)s, %(text)s, %(seal)s and %(day)s as it needs them."""

    hall: str = ""
    number: int | None = None
    seq: int | None = None
    text: str = ""
    seal: int | None = None
    day: date | None = None

    def __str__(self) -> str:
        return str(self.message) % {
            "hall": self.hall,
            "number": self.number,
            "seq": self.seq,
            "text": self.text,
            "seal": self.seal,
            "day": self.day,
        }


CHANGED = _("Hall %(hall)s, chain %(number)s: entry %(seq)s was changed, moved or added from outside.")
MISSING = _("Hall %(hall)s, chain %(number)s: entry %(seq)s is missing.")
OUT_OF_LINE = _("Hall %(hall)s, chain %(number)s: entry %(seq)s does not follow the entry before it.")
UNKNOWN_KEY = _("Hall %(hall)s, chain %(number)s: entry %(seq)s names a key that is not known here.")
TEXT_CHANGED = _("Hall %(hall)s, chain %(number)s: the text “%(text)s” of entry %(seq)s was changed.")
TEXT_GONE = _("Hall %(hall)s, chain %(number)s: the text “%(text)s” of entry %(seq)s was erased without a record.")
HEAD_CHANGED = _("Hall %(hall)s, chain %(number)s: the chain's end, after entry %(seq)s, was changed.")
NOT_AS_SEALED = _("Hall %(hall)s, chain %(number)s: entry %(seq)s is not the one in seal %(seal)s.")
VANISHED = _("Hall %(hall)s: chain %(number)s has vanished, with %(seq)s entries once sealed.")


@dataclass
class ChainCheck:
    """Takes the entries and sealed heads of a chain in the order of seq; after the first finding it stays silent."""

    chain: Chain
    hall: str
    seq: int = 0
    head: bytes = GENESIS
    is_broken: bool = False
    erased: set[tuple[int, str]] = field(default_factory=set)
    """Texts seen erased, until the entry that says so is seen."""

    def take_entry(self, entry: Entry, texts: Iterable[Text]) -> Finding | None:
        if self.is_broken:
            return None
        expected = self.seq + 1
        if entry.seq > expected:
            return self._found(MISSING, expected)
        texts = list(texts)
        try:
            rightful = self._rightful_mac(entry, texts)
        except mac.UnknownKey:
            return self._found(UNKNOWN_KEY, entry.seq)
        if entry.seq != expected or not hmac.compare_digest(rightful, bytes(entry.mac)):
            return self._found(CHANGED, entry.seq)
        if bytes(entry.previous_mac) != self.head:
            return self._found(OUT_OF_LINE, entry.seq)
        for text in texts:
            if text.content is None:
                self.erased.add((entry.seq, text.name))
            elif mac.text_digest(bytes(text.salt or b""), text.content) != bytes(text.digest):
                return self._found(TEXT_CHANGED, entry.seq, text=text.name)
        if entry.kind == ERASED:
            self.erased.difference_update((seq, name) for seq, name in entry.data["texts"])
        self.seq, self.head = entry.seq, bytes(entry.mac)
        return None

    def take_sealed_head(self, sealed: SealedHead) -> Finding | None:
        if self.is_broken:
            return None
        if sealed.seq > self.seq:
            return self._found(MISSING, self.seq + 1)
        if sealed.seq < self.seq or bytes(sealed.head) != self.head:
            return self._found(NOT_AS_SEALED, sealed.seq, seal=sealed.seal_id)
        return None

    def finish(self) -> Finding | None:
        if self.is_broken:
            return None
        if self.chain.seq > self.seq:
            return self._found(MISSING, self.seq + 1)
        if self.chain.seq < self.seq or bytes(self.chain.head) != self.head:
            return self._found(HEAD_CHANGED, self.seq)
        if self.erased:
            seq, name = min(self.erased)
            return self._found(TEXT_GONE, seq, text=name)
        return None

    def _rightful_mac(self, entry: Entry, texts: Iterable[Text]) -> bytes:
        return mac.entry_mac(
            version=entry.version,
            key_id=entry.key_id,
            hall_id=self.chain.hall_id,
            number=self.chain.number,
            seq=entry.seq,
            kind=entry.kind,
            actor_id=entry.actor_id,
            happened_at=entry.happened_at,
            recorded_at=entry.recorded_at,
            payload=entry.payload,
            text_digests={text.name: bytes(text.digest) for text in texts},
            previous_mac=bytes(entry.previous_mac),
        )

    def _found(self, message: Promise, seq: int, *, text: str = "", seal: int | None = None) -> Finding:
        self.is_broken = True
        return Finding(message=message, hall=self.hall, number=self.chain.number, seq=seq, text=text, seal=seal)
