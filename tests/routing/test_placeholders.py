import pytest

from routing.decide.placeholders import filled, unknown_placeholders

VALUES = {"customer.name": "Carol", "agent.name": "Alice", "ticket.number": "7", "brand.name": "소풍"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {{customer.name}}", "Hello Carol"),
        ("Hello {{ customer.name | there }}", "Hello Carol"),
        ("#{{ticket.number}} {{ticket.subject|your question}}", "#7 your question"),
        ("{{ticket.subject}}.", "."),
        ("{{brand.name}}입니다", "소풍입니다"),
        ("{{agent.name|}}", "Alice"),
        ("nothing { here }", "nothing { here }"),
    ],
)
def test_values_and_fallbacks_take_their_places(text: str, expected: str) -> None:
    assert unknown_placeholders(text) == []
    assert filled(text, VALUES) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{customer.email}}", "{{customer.email}}"),
        ("{{field:Order No}}", "{{field:Order No}}"),
        ("{{customer.__class__}}", "{{customer.__class__}}"),
        ("{{}}", "{{}}"),
        ("{{customer.name", "{{customer.name"),
        ("customer.name}}", "}}"),
        ("{{customer.name}} {{nope|x}}", "{{nope|x}}"),
    ],
)
def test_what_is_no_placeholder_is_found(text: str, found: str) -> None:
    assert unknown_placeholders(text) == [found]


def test_braces_in_a_value_are_words() -> None:
    values = VALUES | {"customer.name": "{{agent.name}}"}
    assert filled("Hello {{customer.name}}", values) == "Hello {{agent.name}}"
