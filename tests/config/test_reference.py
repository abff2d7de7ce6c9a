"""The developers' page: whole, without a dead link, in both languages."""

import re

import pytest
from django.test import Client

from conversations.consumers import AgentSocket, ClientSocket
from conversations.models import Channel
from tests.contract.documents import business_api, openapi
from tests.factories import make_brand, make_channel


def page(**headers: str) -> str:
    answer = Client().get("/api/docs/", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_page_shows_every_operation_shape_and_frame() -> None:
    shown, document = page(), openapi()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in shown
    for name in document["components"]["schemas"]:
        assert f'id="shape-{name}"' in shown, name
    for socket, kinds in (("client", ClientSocket.frames), ("agent", AgentSocket.frames)):
        for kind in kinds:
            assert f'id="{socket}-to.{kind}"' in shown


@pytest.mark.django_db
def test_page_of_the_business_api_is_whole_and_without_a_dead_link() -> None:
    shown, document = Client().get("/api/docs/business/").content.decode(), business_api()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in shown
    places, targets = set(re.findall(r'id="([^"]+)"', shown)), set(re.findall(r'href="#([^"]+)"', shown))
    assert len(targets) > 90 and targets - places == set()


@pytest.mark.django_db
def test_no_link_of_the_page_is_dead() -> None:
    shown = page()
    places = set(re.findall(r'id="([^"]+)"', shown))
    targets = set(re.findall(r'href="#([^"]+)"', shown))
    assert len(targets) > 50 and targets - places == set()


@pytest.mark.django_db
def test_start_is_for_this_installation() -> None:
    assert "http://testserver/client/v1/session" in page() and "YOUR-CHANNEL-KEY" in page()
    channel = make_channel(make_brand())
    Channel.objects.filter(pk=channel.pk).update(key="demo")
    assert "&quot;key&quot;: &quot;demo&quot;" in page() or '"key": "demo"' in page()
    assert channel.key not in page()


@pytest.mark.django_db
def test_frame_of_the_page_is_translated() -> None:
    shown = page(**{"Accept-Language": "ko"})
    assert "시작하기" in shown and "How to start" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_address_of_the_api_is_refused_as_everything_else(method: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)("/client/v1/nowhere/at/all")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
