"""Made-up calls against the live business API: whatever comes, each answer is one that the document declares."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.business.calling import BASE, app_of
from tests.business.world import DOCUMENT, OPERATIONS, make_world
from tests.contract.test_fuzz import ODD

CALLS_EACH = 15


@pytest.mark.parametrize(("method", "path"), [pytest.param(*each[:2], id=each[2]) for each in OPERATIONS])
def test_made_up_calls_are_answered_as_documented(
    db: None, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    # A server drops old connections after each call, and with this one the test's transaction.
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.close", lambda self: None)
    world = make_world()
    callers = [world.shop.headers, app_of(world.alice).headers]
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = get_wsgi_application()
    operation = schema[f"{BASE}{path}"][method.lower()]
    modes = schemathesis.GenerationMode

    @settings(
        max_examples=CALLS_EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        operation.as_strategy(modes.POSITIVE) | operation.as_strategy(modes.NEGATIVE),
        st.sampled_from(ODD),
        st.sampled_from(callers),
    )
    def call(case: schemathesis.Case[Any], odd: str, caller: dict[str, str]) -> None:
        case.query = dict.fromkeys(case.query, odd) if odd else case.query
        if "public_id" in case.path_parameters and len(str(case.path_parameters["public_id"])) % 2:
            case.path_parameters["public_id"] = world.address(path).split("/")[2]
        case.call_and_validate(
            headers=caller, checks=[not_a_server_error, status_code_conformance, content_type_conformance]
        )

    call()
