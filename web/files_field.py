"""The field by which files come in, at the desk and from the street: each is looked into before anything else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.uploads import LARGEST_FILE, MOST_FILES, CleanFile, inspect
from foundation.refusals import Refused

ACCEPTED_FILES = ".pdf,.jpg,.jpeg,.png,.heic,.heif,.webp,.docx,.xlsx"


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each looked into; the value is a list of CleanFile."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Files"))
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "help_text", gettext_lazy("Photos, PDF, Word or Excel; up to 9 files of 10 MB each. Photos can be pasted.")
        )
        kwargs["widget"] = SeveralFilesInput(
            attrs={"accept": ACCEPTED_FILES, "data-max-files": MOST_FILES, "data-max-bytes": LARGEST_FILE}
        )
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[CleanFile]:
        files: list[File[bytes]] = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if self.required and not files:
            raise forms.ValidationError(_("Choose at least one file."))
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)d files at a time.") % {"most": MOST_FILES})
        clean, errors = [], []
        for file in files:
            try:
                clean.append(inspect(file))
            except Refused as refusal:
                errors.append(str(refusal))
        if errors:
            raise forms.ValidationError([*errors, _("Choose the files once more.")])
        return clean
