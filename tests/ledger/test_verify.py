"""What somebody with the database, but without the key, can do, and how verification names it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from foundation.ledger.actions import append, hall_chain
from foundation.ledger.models import Chain, Entry, Seal, SealedHead
from foundation.ledger.sealing import seal
from foundation.organization.models import Hall

Tamper = Callable[..., None]
Said = Callable[[], list[str]]


@pytest.fixture
def sealed(cases: list[Chain], now: datetime) -> Seal:
    sealed = seal(now=now + timedelta(hours=5))
    assert sealed is not None
    return sealed


@pytest.mark.usefixtures("sealed")
def test_an_untouched_ledger_is_whole(said: Said) -> None:
    assert said() == []


def test_an_empty_ledger_is_whole(db: None, said: Said) -> None:
    assert said() == []


@pytest.mark.parametrize(
    "change",
    [
        "payload = '{\"step\":9}'",
        "kind = 'slip.returned'",
        "actor_id = (SELECT min(id) FROM organization_staff)",
        "actor_id = NULL",
        "happened_at = happened_at - interval '1 microsecond'",
        "recorded_at = recorded_at + interval '1 day'",
        "mac = sha256(mac)",
        "previous_mac = sha256(previous_mac)",
        "version = 2",
    ],
)
def test_an_entry_changed_in_any_column_is_named(cases: list[Chain], tamper: Tamper, said: Said, change: str) -> None:
    tamper(f"UPDATE ledger_entry SET {change} WHERE chain_id = %s AND seq = 3", cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 3 was changed, moved or added from outside."]


def test_an_entry_given_to_another_hall_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    south = Hall.objects.create(code="STH", name="南苑")
    tamper("UPDATE ledger_chain SET hall_id = %s, number = 1 WHERE id = %s", south.pk, cases[2].pk)
    assert said() == ["Hall STH, chain 1: entry 1 was changed, moved or added from outside."]


def test_an_entry_removed_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s AND seq = 3", cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 3 is missing."]


def test_an_entry_removed_and_the_rest_moved_up_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s AND seq = 2", cases[1].pk)
    for seq in (3, 4, 5):
        tamper("UPDATE ledger_entry SET seq = seq - 1 WHERE chain_id = %s AND seq = %s", cases[1].pk, seq)
    tamper("UPDATE ledger_chain SET seq = 4 WHERE id = %s", cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 2 was changed, moved or added from outside."]


def test_the_first_entry_removed_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s AND seq = 1", cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 1 is missing."]


def test_an_entry_added_at_the_end_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper(
        """
        INSERT INTO ledger_entry (chain_id, seq, kind, actor_id, happened_at, recorded_at,
                                  payload, mac, previous_mac, key_id, version)
        SELECT chain_id, 6, 'resident.informed', actor_id, happened_at, recorded_at, '{}', sha256(mac), mac, key_id, 1
        FROM ledger_entry WHERE chain_id = %s AND seq = 5
        """,
        cases[1].pk,
    )
    tamper(
        "UPDATE ledger_chain SET seq = 6, head = mac FROM ledger_entry WHERE chain_id = ledger_chain.id "
        "AND ledger_entry.seq = 6"
    )
    assert said() == ["Hall NTH, chain 2: entry 6 was changed, moved or added from outside."]


def test_a_true_entry_copied_to_the_end_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper(
        """
        INSERT INTO ledger_entry (chain_id, seq, kind, actor_id, happened_at, recorded_at,
                                  payload, mac, previous_mac, key_id, version)
        SELECT chain_id, 6, kind, actor_id, happened_at, recorded_at, payload, mac, previous_mac, key_id, version
        FROM ledger_entry WHERE chain_id = %s AND seq = 5
        """,
        cases[1].pk,
    )
    assert said() == ["Hall NTH, chain 2: entry 6 was changed, moved or added from outside."]


def test_entries_reordered_are_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        tamper("UPDATE ledger_entry SET seq = %s WHERE chain_id = %s AND seq = %s", new, cases[1].pk, old)
    assert said() == ["Hall NTH, chain 2: entry 3 was changed, moved or added from outside."]


def test_a_chain_recomputed_with_another_key_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    """The attacker knows the program: changes entry 2 and makes every MAC, link and head after it fit."""
    previous = bytes(Entry.objects.get(chain=cases[1], seq=1).mac)
    for entry in Entry.objects.filter(chain=cases[1], seq__gte=2).order_by("seq"):
        forged = hmac.new(b"guess" * 7, previous + entry.payload.encode(), hashlib.sha256).digest()
        tamper(
            "UPDATE ledger_entry SET payload = '{\"step\":7}', previous_mac = %s, mac = %s WHERE id = %s",
            previous,
            forged,
            entry.pk,
        )
        previous = forged
    tamper("UPDATE ledger_chain SET head = %s WHERE id = %s", previous, cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 2 was changed, moved or added from outside."]


def test_an_entry_that_claims_a_key_of_its_own_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper("UPDATE ledger_entry SET key_id = 'mine' WHERE chain_id = %s AND seq = 4", cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 4 names a key that is not known here."]


def test_an_older_true_copy_of_an_entry_put_back_is_named(
    cases: list[Chain], tamper: Tamper, said: Said, now: datetime
) -> None:
    """Entry 5 restored from the morning's copy is genuine by itself, but the chain went another way since."""
    restored = Entry.objects.get(chain=cases[1], seq=5)
    tamper("DELETE FROM ledger_entry WHERE id = %s", restored.pk)
    fourth = Entry.objects.get(chain=cases[1], seq=4)
    tamper("DELETE FROM ledger_entry WHERE id = %s", fourth.pk)
    third = Entry.objects.get(chain=cases[1], seq=3)
    tamper("UPDATE ledger_chain SET seq = 3, head = %s WHERE id = %s", bytes(third.mac), cases[1].pk)
    append(chain=cases[1], kind="slip.returned", actor=None, happened_at=now, now=now)
    restored.save(force_insert=True)
    tamper("UPDATE ledger_chain SET seq = 5, head = %s WHERE id = %s", bytes(restored.mac), cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 5 does not follow the entry before it."]


def test_the_chains_own_row_changed_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper("UPDATE ledger_chain SET head = sha256(head) WHERE id = %s", cases[0].pk)
    tamper("UPDATE ledger_chain SET seq = 4 WHERE id = %s", cases[1].pk)
    tamper("UPDATE ledger_chain SET seq = 8 WHERE id = %s", cases[2].pk)
    assert said() == [
        "Hall NTH, chain 1: the chain's end, after entry 5, was changed.",
        "Hall NTH, chain 2: the chain's end, after entry 5, was changed.",
        "Hall NTH, chain 3: entry 6 is missing.",
    ]


def cut_tail(tamper: Tamper, chain: Chain, keep: int) -> None:
    """Thorough: the chain's row is set back to fit, and nothing in the chain itself shows that more once followed."""
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s AND seq > %s", chain.pk, keep)
    tamper(
        "UPDATE ledger_chain SET seq = %s, head = mac FROM ledger_entry "
        "WHERE chain_id = ledger_chain.id AND ledger_entry.seq = %s AND chain_id = %s",
        keep,
        keep,
        chain.pk,
    )


@pytest.mark.usefixtures("sealed")
def test_a_tail_cut_off_after_it_was_sealed_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    cut_tail(tamper, cases[1], keep=3)
    assert said() == ["Hall NTH, chain 2: entry 4 is missing."]


@pytest.mark.usefixtures("sealed")
def test_a_tail_cut_off_and_written_anew_by_the_program_is_named(
    cases: list[Chain], tamper: Tamper, said: Said, now: datetime, sealed: Seal
) -> None:
    """Every MAC is genuine; only the seal knows that entry 5 was another one."""
    cut_tail(tamper, cases[1], keep=4)
    append(chain=cases[1], kind="slip.returned", actor=None, happened_at=now, now=now)
    assert said() == ["Hall NTH, chain 2: entry 5 is not the one in seal 1."]


def remove_case(tamper: Tamper, chain: Chain) -> None:
    tamper("DELETE FROM ledger_text USING ledger_entry AS e WHERE e.id = entry_id AND e.chain_id = %s", chain.pk)
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s", chain.pk)
    tamper("DELETE FROM ledger_chain WHERE id = %s", chain.pk)


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_vanished_case_once_sealed_is_named(cases: list[Chain], tamper: Tamper, said: Said, position: int) -> None:
    remove_case(tamper, cases[position])
    assert said() == [f"Hall NTH: chain {position + 1} has vanished, with 5 entries once sealed."]


def test_a_vanished_case_shows_by_its_number_even_before_it_was_sealed(
    cases: list[Chain], tamper: Tamper, said: Said
) -> None:
    hall_chain(cases[0].hall)
    remove_case(tamper, cases[0])
    remove_case(tamper, cases[1])
    assert said() == [
        "Hall NTH: chain 1 is missing; numbers have no gaps.",
        "Hall NTH: chain 2 is missing; numbers have no gaps.",
    ]


def test_entries_left_without_their_chain_are_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper("DELETE FROM ledger_chain WHERE id = %s", cases[2].pk)
    assert said() == [f"The row of a chain is gone, its entries from 1 on are still there (chain id {cases[2].pk})."]


def test_a_text_changed_is_named(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper(
        "UPDATE ledger_text SET content = '一切都好' FROM ledger_entry AS e "
        "WHERE e.id = entry_id AND e.chain_id = %s AND name = 'statement'",
        cases[1].pk,
    )
    assert said() == ["Hall NTH, chain 2: the text “statement” of entry 1 was changed."]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_text SET content = 'well', salt = 'salt', digest = sha256('saltwell')",
        "UPDATE ledger_text SET name = 'remark'",
        "DELETE FROM ledger_text",
    ],
)
def test_a_text_swapped_renamed_or_taken_away_is_named_by_its_entry(
    cases: list[Chain], tamper: Tamper, said: Said, attack: str
) -> None:
    tamper(
        f"{attack} WHERE name = 'statement' "
        "AND entry_id = (SELECT id FROM ledger_entry WHERE chain_id = %s AND seq = 1)",
        cases[1].pk,
    )
    assert said() == ["Hall NTH, chain 2: entry 1 was changed, moved or added from outside."]


def test_a_text_added_is_named_by_its_entry(cases: list[Chain], tamper: Tamper, said: Said) -> None:
    tamper(
        "INSERT INTO ledger_text (entry_id, name, content, salt, digest) "
        "SELECT id, 'apology', 'sorry', 'salt', sha256('saltsorry') FROM ledger_entry WHERE chain_id = %s AND seq = 2",
        cases[1].pk,
    )
    assert said() == ["Hall NTH, chain 2: entry 2 was changed, moved or added from outside."]


def test_a_text_erased_without_a_record_is_named(cases: list[Chain], said: Said) -> None:
    """No trigger forbids it, for the program erases too; but the program says so in the chain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_text SET content = NULL, salt = NULL FROM ledger_entry AS e "
            "WHERE e.id = entry_id AND e.chain_id = %s AND name = 'phone'",
            [cases[1].pk],
        )
    assert said() == ["Hall NTH, chain 2: the text “phone” of entry 1 was erased without a record."]


@pytest.mark.usefixtures("sealed")
def test_every_damaged_chain_is_named_once_at_its_first_bad_entry(
    cases: list[Chain], tamper: Tamper, said: Said
) -> None:
    tamper("UPDATE ledger_entry SET kind = 'x' WHERE chain_id = %s AND seq >= 2", cases[0].pk)
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s AND seq IN (2, 4)", cases[1].pk)
    remove_case(tamper, cases[2])
    assert said() == [
        "Hall NTH, chain 1: entry 2 was changed, moved or added from outside.",
        "Hall NTH, chain 2: entry 2 is missing.",
        "Hall NTH: chain 3 has vanished, with 5 entries once sealed.",
    ]


def test_after_a_change_of_keys_old_and_new_entries_verify(
    write_case: Callable[[], Chain], said: Said, now: datetime, settings
) -> None:
    settings.LEDGER_KEYS = {"2025": b"a" * 32}
    chain = write_case()
    seal(now=now)
    settings.LEDGER_KEYS = {"2026": b"b" * 32, "2025": b"a" * 32}
    append(chain=chain, kind="case.noted", actor=None, happened_at=now, now=now)
    seal(now=now)

    assert list(chain.entries.order_by("seq").values_list("key_id", flat=True)) == ["2025"] * 5 + ["2026"]
    assert said() == []
    settings.LEDGER_KEYS = {"2026": b"b" * 32}
    assert said() == [
        "Hall NTH, chain 1: entry 1 names a key that is not known here.",
        "Seal 1 names a key that is not known here.",
    ]


def test_a_batch_boundary_hides_nothing(
    cases: list[Chain], sealed: Seal, tamper: Tamper, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger is read in batches; with batches of two every entry comes to lie at an edge once."""
    monkeypatch.setattr("foundation.ledger.verify.BATCH", 2)
    assert said() == []
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s AND seq = 3", cases[1].pk)
    assert said() == ["Hall NTH, chain 2: entry 3 is missing."]
    assert SealedHead.objects.count() == 3


@pytest.mark.usefixtures("sealed")
def test_the_command_counts_what_it_read_when_all_is_well() -> None:
    out = StringIO()
    with translation.override("en"):
        call_command("verify_ledger", stdout=out)
    assert re.search(r"3 chains, 15 entries, 1 seals, \d+\.\d seconds", out.getvalue())


@pytest.mark.usefixtures("sealed")
def test_the_command_says_in_words_what_is_wrong_and_fails(cases: list[Chain], tamper: Tamper) -> None:
    tamper("DELETE FROM ledger_entry WHERE chain_id = %s AND seq = 3", cases[1].pk)
    out = StringIO()
    with pytest.raises(CommandError) as failure, translation.override("en"):
        call_command("verify_ledger", stdout=out, no_color=True)
    assert out.getvalue() == "Hall NTH, chain 2: entry 3 is missing.\n"
    assert failure.value.returncode == 1


@pytest.mark.django_db(transaction=True)
def test_people_go_on_working_while_the_ledger_is_verified(
    write_case: Callable[[], Chain], now: datetime, said: Said
) -> None:
    """What is written between the reading of a chain and of its entries is no damage."""
    chains = [write_case() for _ in range(3)]
    well_under_way, enough = Event(), Event()

    def work() -> int:
        written = 0
        try:
            while not enough.is_set():
                if written == 5:
                    well_under_way.set()
                append(chain=chains[written % 3], kind="case.noted", actor=None, happened_at=now, now=now)
                written += 1
                if written % 20 == 0:
                    seal(now=now)
        finally:
            connection.close()
        return written

    with ThreadPoolExecutor(1) as thread:
        working = thread.submit(work)
        try:
            well_under_way.wait(60)
            findings = [said() for _ in range(15)]
        finally:
            enough.set()
        # More than there was before the verification began: it waited for nobody, nobody waited for it.
        assert working.result() > 6
    assert findings == [[]] * 15
