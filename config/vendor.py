"""Serves single files of node_modules as static files, instead of copying whole packages into the static folder."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

VENDOR_FILES = {
    "tabler": (
        "@tabler/core/dist",
        [
            "css/tabler.min.css",
            "css/tabler.min.css.map",
            "js/tabler.min.js",
            "js/tabler.min.js.map",
        ],
    ),
    "signature_pad": (
        "signature_pad/dist",
        ["signature_pad.umd.min.js", "signature_pad.umd.min.js.map"],
    ),
}


class VendorFinder(BaseFinder):
    """Finds `vendor/<package>/<file>` for the files listed above and no others."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return [
            Error(
                f"{file} of the npm package {package} is missing.",
                hint="Run `make node_modules`.",
                id="config.E001",
            )
            for package, (folder, files) in VENDOR_FILES.items()
            for file in files
            if not (settings.NODE_MODULES / folder / file).is_file()
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        for package, (folder, files) in VENDOR_FILES.items():
            prefix = f"vendor/{package}/"
            if path.startswith(prefix) and path.removeprefix(prefix) in files:
                location = settings.NODE_MODULES / folder / path.removeprefix(prefix)
                if location.is_file():
                    return [str(location)] if find_all else str(location)
        return []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for package, (folder, files) in VENDOR_FILES.items():
            storage = FileSystemStorage(location=settings.NODE_MODULES / folder)
            storage.prefix = f"vendor/{package}"  # type: ignore[attr-defined]  # collectstatic reads it
            for file in files:
                yield file, storage


__all__: Sequence[str] = ["VENDOR_FILES", "VendorFinder"]
