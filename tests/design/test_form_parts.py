"""Forms: the summary of errors leads to each field, required is a word, choices are real radios."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.utils import translation


class VisitForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label="Name", help_text="as on the card")
    nature = forms.ChoiceField(label="Nature", widget=forms.RadioSelect, choices=[("c", "complaint"), ("r", "request")])
    note = forms.CharField(label="Note", required=False)

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("Somebody was faster.")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def draw(text: str, **context: object) -> str:
    return engines["django"].from_string("{% load desk crispy_forms_filters %}" + text).render(context)


def wrong_form() -> VisitForm:
    form = VisitForm({"name": "", "nature": "x"})
    form.is_valid()
    return form


def test_summary_counts_and_links_every_error_to_an_input_that_exists() -> None:
    html = draw("{{ form|crispy }}", form=wrong_form())
    assert "4 things are to be corrected" in html
    targets = re.findall(r'<a href="#([^"]+)"', html)
    assert targets == ["id_name", "id_nature_0"]
    for target in targets:
        assert f'id="{target}"' in html.replace(f'href="#{target}"', "")


def test_summary_names_what_belongs_to_no_field_the_user_can_see() -> None:
    html = draw("{% error_summary form %}", form=wrong_form())
    assert "<li>Somebody was faster.</li>" in html
    # The hidden key is missing as well: said, but not linked.
    assert html.count("<li>") == 4


def test_summary_is_shown_once_where_it_is_asked_for_first() -> None:
    html = draw("{% error_summary form %}<hr>{{ form|crispy }}", form=wrong_form())
    assert html.count("error-summary-title") == 2, "one heading and the reference to it"
    assert html.index("error-summary-title") < html.index("<hr>")


def test_one_error_is_one_thing() -> None:
    class NameForm(forms.Form):
        name = forms.CharField(label="Name")

    form = NameForm({})
    form.is_valid()
    assert "One thing is to be corrected" in draw("{% error_summary form %}", form=form)


def test_a_form_not_yet_sent_has_no_summary() -> None:
    assert "error-summary" not in draw("{{ form|crispy }}", form=VisitForm())


def test_what_users_typed_is_escaped_in_the_summary() -> None:
    form = VisitForm({"name": "", "nature": "<script>"})
    form.is_valid()
    assert "<script>" not in draw("{% error_summary form %}", form=form)


def test_required_is_marked_by_a_word_and_only_where_it_is() -> None:
    html = draw("{{ form.name|as_crispy_field }}", form=VisitForm())
    assert "required</span>" in html
    assert "*" not in html
    assert "required" not in draw("{{ form.note|as_crispy_field }}", form=VisitForm())


def test_help_and_error_are_tied_to_the_input() -> None:
    html = draw("{{ form.name|as_crispy_field }}", form=wrong_form())
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described
    for part in described[1].split():
        assert f'id="{part}"' in html
    assert 'aria-invalid="true"' in html


def test_choices_are_radios_in_a_named_group() -> None:
    html = draw("{{ form.nature|as_crispy_field }}", form=VisitForm())
    assert html.count('type="radio"') == 2
    assert "<fieldset" in html
    assert re.search(r"<legend[^>]*>\s*Nature", html)
