"""Every page of the console is found by more than its name, in both languages."""

import pytest
from django.contrib import admin
from django.utils.translation import override

from config.console import GROUPS
from config.console_search import ALSO, words_of

LABELS = {label for _name, labels in GROUPS for label, _icon in labels}


def test_every_page_has_words_of_those_who_come_from_elsewhere() -> None:
    # What waits to be mended by hand is found by its own name: nobody looks for it by another.
    assert ALSO.keys() == LABELS - {"conversations.deadfact"}


@pytest.mark.parametrize(
    ("language", "words", "label"),
    [
        ("en", "round robin", "routing.routingconfig"),
        ("en", "ban", "conversations.block"),
        ("ko", "영업시간", "routing.schedule"),
        ("ko", "권한", "conversations.customrole"),
        ("ko", "SLA", "routing.slapolicy"),
    ],
)
def test_a_page_is_found_by_what_others_call_it(language: str, words: str, label: str) -> None:
    with override(language):
        found = {page.model._meta.label_lower for page in admin.site._registry.values() if words in words_of(page)}
    assert label in found
