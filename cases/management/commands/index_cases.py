"""Writes the search terms of every case anew, for when the rule of what is found has changed. Can be stopped and run
again at any time: a case found by its old terms meanwhile is only found by fewer words."""

from typing import Any

from django.core.management.base import BaseCommand

from cases.models import Case
from cases.search import index_case


class Command(BaseCommand):
    help = "Write the search terms of every case anew."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for case in Case.objects.defer("search").order_by("pk").iterator(chunk_size=500):
            index_case(case)
            count += 1
        self.stdout.write(f"{count} cases indexed.")
