"""Made-up calls against the live client API: whatever comes, each answer is one that the document declares."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from conversations.actions import visitors
from tests.contract.documents import openapi
from tests.factories import make_brand, make_channel, make_visitor, say

DOCUMENT = openapi()
OPERATIONS = sorted(
    (path, method, operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
)
CALLS_EACH = 40
# What people who look for holes write for a number, a cursor or JSON; empty leaves a call as it was made up.
ODD = ["", "", "", "²", "9" * 30, '{"x":Infinity}', '{"x":1e400}', "[" * 3000, "2026-01-01T00:00:00Z_²", "\x00"]


@pytest.mark.parametrize(("path", "method"), [pytest.param(*each[:2], id=each[2]) for each in OPERATIONS])
def test_made_up_calls_are_answered_as_documented(
    db: None, monkeypatch: pytest.MonkeyPatch, path: str, method: str
) -> None:
    # A server drops old connections after each call, and with this one the test's transaction.
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.close", lambda self: None)
    channel = make_channel(make_brand())
    say(make_visitor(channel), "hello")
    token = visitors.admit_visitor(channel=channel, client_id="carols-browser-0001").token
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = get_wsgi_application()
    operation = schema[path][method]
    modes = schemathesis.GenerationMode

    @settings(
        max_examples=CALLS_EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(modes.POSITIVE) | operation.as_strategy(modes.NEGATIVE), st.sampled_from(ODD))
    def call(case: schemathesis.Case[Any], odd: str) -> None:
        case.query = dict.fromkeys(case.query, odd) if odd else case.query
        if "public_id" in case.path_parameters and len(str(case.path_parameters["public_id"])) % 2:
            case.path_parameters["public_id"] = "default"
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            checks=[not_a_server_error, status_code_conformance, content_type_conformance],
        )

    call()
