"""The language of conditions: each operator by table, and that nothing anybody stores or says makes it fail."""

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from routing.decide.conditions import (
    Conditions,
    Facts,
    Fault,
    Field,
    Kind,
    Operator,
    explain,
    holds,
    parse,
    read,
    words,
)
from routing.decide.conditions.reading import MAX_MINUTES, MAX_ROWS, MAX_TEXT
from routing.decide.fields import FIELDS, with_choices
from routing.errors import InvalidChange

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIELDS_HERE = {
    **with_choices(FIELDS.values(), {"groups": (("g1", "Refunds"), ("g2", "Orders")), "schedules": (("s1", "Shop"),)}),
    "triage.score": Field("triage.score", "Score", Kind.NUMBER),
}
TRUE = Facts(
    {
        "ticket.subject": "환불 Request No 7",
        "ticket.status": "open",
        "ticket.priority": "urgent",
        "ticket.group": "g1",
        "ticket.assignee": None,
        "ticket.tags": ["refund", "vip"],
        "ticket.created_at": NOW - timedelta(minutes=30),
        "ticket.waiting_since": None,
        "ticket.session_ended": False,
        "contact.is_verified": True,
        "contact.properties": {"plan": "Pro", "orders": 3, "is member": True},
        "schedule.hours": {"s1": True, "s2": False},
        "triage.score": 0.5,
    },
    NOW,
)


def row(field: Any, operator: Any, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def taken(*rows: dict[str, Any], either: tuple[dict[str, Any], ...] = ()) -> Conditions:
    return parse({"all": list(rows), "any": list(either)}, FIELDS_HERE)


@pytest.mark.parametrize(
    ("field", "operator", "value", "held"),
    [
        ("ticket.subject", "is", "환불 request no 7", True),
        ("ticket.subject", "is", unicodedata.normalize("NFD", "환불 REQUEST NO 7"), True),
        ("ticket.subject", "is", "환불", False),
        ("ticket.subject", "is_not", "환불", True),
        ("ticket.subject", "is_not", "환불 request no 7", False),
        ("ticket.subject", "contains", "REQUEST", True),
        ("ticket.subject", "contains", "refund", False),
        ("ticket.subject", "does_not_contain", "refund", True),
        ("ticket.subject", "does_not_contain", "환불", False),
        ("ticket.subject", "starts_with", "환불 r", True),
        ("ticket.subject", "starts_with", "request", False),
        ("ticket.subject", "matches", r"환불 .* no \d", True),
        ("ticket.subject", "matches", r"환불", False),
        ("ticket.subject", "is_set", None, True),
        ("ticket.subject", "is_not_set", None, False),
        ("contact.phone", "is_set", None, False),
        ("contact.phone", "is_not_set", None, True),
        ("contact.phone", "is_not", "1", True),
        ("contact.properties.plan", "is", "pro", True),
        ("contact.properties.orders", "is", "3", True),
        ("contact.properties.is member", "is", "true", True),
        ("contact.properties.none", "is_not_set", None, True),
        ("ticket.status", "is", "open", True),
        ("ticket.status", "is", "new", False),
        ("ticket.status", "is_not", "new", True),
        ("ticket.status", "any_of", ["new", "open"], True),
        ("ticket.status", "any_of", ["new", "hold"], False),
        ("ticket.status", "none_of", ["new", "hold"], True),
        ("ticket.status", "none_of", ["new", "open"], False),
        ("ticket.group", "is", "g1", True),
        ("ticket.group", "is_set", None, True),
        ("ticket.assignee", "is_set", None, False),
        ("ticket.assignee", "is_not_set", None, True),
        ("ticket.tags", "include_any", ["Refund", "late"], True),
        ("ticket.tags", "include_any", ["late"], False),
        ("ticket.tags", "include_all", ["refund", "vip"], True),
        ("ticket.tags", "include_all", ["refund", "late"], False),
        ("ticket.tags", "include_none", ["late"], True),
        ("ticket.tags", "include_none", ["late", "vip"], False),
        ("ticket.session_ended", "is", False, True),
        ("ticket.session_ended", "is", True, False),
        ("contact.is_verified", "is", True, True),
        ("triage.score", "is", 0.5, True),
        ("triage.score", "less_than", 0.5, False),
        ("triage.score", "less_than", 0.6, True),
        ("triage.score", "greater_than", 0.5, False),
        ("triage.score", "greater_than", 0.4, True),
        ("triage.score", "at_least", 0.5, True),
        ("triage.score", "at_least", 0.6, False),
        ("triage.score", "at_most", 0.5, True),
        ("triage.score", "at_most", 0.4, False),
        ("ticket.created_at", "older_than_minutes", 29, True),
        ("ticket.created_at", "older_than_minutes", 30, False),
        ("ticket.created_at", "newer_than_minutes", 30, True),
        ("ticket.created_at", "newer_than_minutes", 29, False),
        ("ticket.waiting_since", "older_than_minutes", 1, False),
        ("ticket.waiting_since", "newer_than_minutes", 1, False),
        ("schedule.hours", "within", "s1", True),
        ("schedule.hours", "outside", "s1", False),
    ],
)
def test_operator(field: str, operator: str, value: Any, held: bool) -> None:
    assert holds(taken(row(field, operator, value)), TRUE) is held


def test_every_operator_of_every_kind_is_in_the_table_above() -> None:
    tried = {args[1] for mark in test_operator.pytestmark for args in mark.args[1]}
    assert tried == set(Operator)


def test_all_and_any() -> None:
    yes, no = row("ticket.status", "is", "open"), row("ticket.status", "is", "new")
    for all_rows, any_rows, held in (
        ((), (), True),
        ((yes, yes), (), True),
        ((yes, no), (), False),
        ((), (no, yes), True),
        ((), (no, no), False),
        ((yes,), (no, yes), True),
        ((no,), (yes,), False),
    ):
        assert holds(taken(*all_rows, either=any_rows), TRUE) is held
    assert [held for _row, held in explain(taken(yes, either=(no,)), TRUE)] == [True, False]


@pytest.mark.parametrize(
    ("data", "field", "limit"),
    [
        ("x", "conditions", None),
        ({"all": {}}, "all", None),
        ({"none": []}, "conditions", None),
        ({"all": [{}] * 30, "any": [{}] * 21}, "conditions", MAX_ROWS),
        ({"all": ["x"]}, "all.0.field", None),
        ({"all": [row("ticket.nothing", "is", "x")]}, "all.0.field", None),
        ({"any": [row("ticket.status", "is", "open"), row([], "is", "x")]}, "any.1.field", None),
        ({"all": [row("contact.properties", "is", "x")]}, "all.0.field", None),
        ({"all": [row('contact.properties."', "is", "x")]}, "all.0.field", 100),
        ({"all": [row("contact.properties.", "is", "x")]}, "all.0.field", 100),
        ({"all": [row("ticket.tags", "is", "x")]}, "all.0.operator", "include_any, include_all, include_none"),
        ({"all": [row("ticket.tags", [], "x")]}, "all.0.operator", "include_any, include_all, include_none"),
        ({"all": [row("ticket.subject", "is", " ")]}, "all.0.value", MAX_TEXT),
        ({"all": [row("ticket.subject", "is", "x" * 201)]}, "all.0.value", MAX_TEXT),
        ({"all": [row("ticket.subject", "is", "a\x00b")]}, "all.0.value", MAX_TEXT),
        ({"all": [row("ticket.subject", "matches", "(")]}, "all.0.value", 500),
        ({"all": [row("ticket.subject", "matches", "((a{500}){500}){500}")]}, "all.0.value", 1000),
        ({"all": [row("ticket.status", "is", "sad")]}, "all.0.value", None),
        ({"all": [row("ticket.status", "any_of", [])]}, "all.0.value", 50),
        ({"all": [row("ticket.status", "any_of", ["open", "sad"])]}, "all.0.value", None),
        ({"all": [row("ticket.group", "is", "g9")]}, "all.0.value", None),
        ({"all": [row("ticket.session_ended", "is", "true")]}, "all.0.value", None),
        ({"all": [row("ticket.created_at", "older_than_minutes", 0)]}, "all.0.value", MAX_MINUTES),
        ({"all": [row("ticket.created_at", "older_than_minutes", 1.5)]}, "all.0.value", MAX_MINUTES),
        ({"all": [row("triage.score", "is", float("nan"))]}, "all.0.value", 10**12),
        ({"all": [row("triage.score", "is", True)]}, "all.0.value", 10**12),
        ({"all": [row("ticket.tags", "include_any", ["x" * 41])]}, "all.0.value", 40),
        ({"all": [row("ticket.tags", "include_any", [1])]}, "all.0.value", 20),
        ({"all": [row("schedule.hours", "within", "s2")]}, "all.0.value", None),
    ],
)
def test_what_is_written_wrongly_is_refused_by_place_and_limit(data: Any, field: str, limit: Any) -> None:
    with pytest.raises(InvalidChange) as refused:
        parse(data, FIELDS_HERE)
    assert (refused.value.field, refused.value.limit) == (field, limit)


def test_stored_is_what_was_parsed_in_its_normal_form() -> None:
    conditions = taken(
        row("ticket.tags", "include_any", ["Very Late", "very-late"]),
        row("ticket.subject", "is", " x "),
        row("ticket.group", "is_set", "whatever"),
    )
    assert conditions.stored == {
        "all": [
            {"field": "ticket.tags", "operator": "include_any", "value": ["very-late"]},
            {"field": "ticket.subject", "operator": "is", "value": "x"},
            {"field": "ticket.group", "operator": "is_set"},
        ],
        "any": [],
    }
    assert parse(conditions.stored, FIELDS_HERE) == read(conditions.stored, FIELDS_HERE) == conditions


def test_rows_that_outlive_what_they_name_are_reported_and_never_raise() -> None:
    stored = {
        "all": [
            row("ticket.fields.gone", "is_not", "x"),
            row("ticket.status", "rhymes_with", "x"),
            row("ticket.created_at", "older_than_minutes", "soon"),
            row("ticket.group", "is_not", "g9"),
        ]
    }
    conditions = read(stored, FIELDS_HERE)
    assert [each.fault for each in conditions.all] == [Fault.FIELD, Fault.OPERATOR, Fault.VALUE, Fault.CHOICE]
    # Of a group that is gone it is still true that the ticket is not in it.
    assert [held for _row, held in explain(conditions, TRUE)] == [False, False, False, True]
    assert not holds(conditions, TRUE) and not holds(read("rubbish", FIELDS_HERE), TRUE)
    gone = [row("schedule.hours", "outside", "s9")]
    assert not holds(read({"all": gone}, FIELDS_HERE), TRUE)


def test_slow_pattern_is_cut_short() -> None:
    conditions = taken(row("ticket.subject", "matches", "(a|a|aa)+$"))
    assert not holds(conditions, Facts({"ticket.subject": "a" * 5000 + "!"}, NOW))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
PATHS = st.sampled_from([*FIELDS_HERE, "contact.properties.plan", "conversation.metadata.a.b", "gone.field"])
ROWS = st.fixed_dictionaries({"field": PATHS | JSON, "operator": st.sampled_from(list(Operator)) | JSON, "value": JSON})
FACTS = st.dictionaries(PATHS, JSON | st.datetimes(timezones=st.just(UTC)), max_size=12)


@given(
    st.fixed_dictionaries({"all": st.lists(ROWS | JSON, max_size=4), "any": st.lists(ROWS, max_size=4)}) | JSON, FACTS
)
def test_nothing_stored_and_nothing_true_makes_it_fail(data: Any, facts: dict[str, object]) -> None:
    conditions = read(data, FIELDS_HERE)
    assert holds(conditions, Facts(facts, NOW)) in {True, False}
    assert len(explain(conditions, Facts(facts, NOW))) == len(conditions.rows) and words(conditions)
    try:
        strict = parse(data, FIELDS_HERE)
    except InvalidChange as refused:
        assert refused.field and str(refused.text)
    else:
        assert read(strict.stored, FIELDS_HERE) == strict
        assert not any(each.fault for each in strict.rows)


def test_words_are_a_sentence_in_both_languages() -> None:
    conditions = taken(
        row("ticket.priority", "is", "urgent"),
        row("ticket.tags", "include_any", ["refund"]),
        either=(row("contact.properties.plan", "is", "Pro"), row("ticket.created_at", "older_than_minutes", 5)),
    )
    assert words(conditions) == (
        "Priority is Urgent and Tags include refund"
        " and (Customer's property “plan” is “Pro” or Ticket opened more than 5 minutes ago)"
    )
    assert words(taken()) == "Always"
    assert words(read({"all": [row("ticket.group", "any_of", ["g1", "g9"])]}, FIELDS_HERE)) == (
        "Group is any of Refunds, (deleted)"
    )
    with translation.override("ko"):
        assert "우선순위" in words(conditions) and "Priority" not in words(conditions)
