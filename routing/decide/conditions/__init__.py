"""The language of conditions: what queues, rules, policies and views ask of a ticket. Pure.

Stored as JSON: `{"all": [row...], "any": [row...]}`, where a row is
`{"field": "ticket.priority", "operator": "is", "value": "urgent"}`. Conditions hold where all of `all` hold and, if
`any` has rows, at least one of them. Without rows they always hold. `routing.decide.fields` lists what can be asked.
"""

from routing.decide.conditions.holding import explain, holds, verdict
from routing.decide.conditions.language import Conditions, Facts, Fault, Field, Kind, Operator, Row, field_at
from routing.decide.conditions.reading import parse, parsed, read
from routing.decide.conditions.telling import clause, found, words

__all__ = [
    "Conditions",
    "Facts",
    "Fault",
    "Field",
    "Kind",
    "Operator",
    "Row",
    "clause",
    "explain",
    "field_at",
    "found",
    "holds",
    "parse",
    "parsed",
    "read",
    "verdict",
    "words",
]
