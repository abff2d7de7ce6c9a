"""A program that calls the business API in tests."""

import base64
from collections.abc import Collection
from typing import Any

from django.test import Client

from conversations.actions.keys import create_api_key
from conversations.actions.personal_tokens import make_token
from conversations.events import SYSTEM
from conversations.models import Brand, User

BASE = "/api/v1"


class Program:
    """Calls with one Authorization; gives the answer's JSON, and fails where the status is another than expected."""

    def __init__(self, authorization: str = "") -> None:
        self.headers = {"Authorization": authorization} if authorization else {}
        self.client = Client(raise_request_exception=True)

    def call(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        response = self.ask(method, path, body, **headers)
        assert response.status_code == status, (method, path, response.status_code, response.content[:2000])
        return response.json() if response.content else None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Give the answer itself, whatever its status."""
        kind = {} if body is None else {"data": body, "content_type": "application/json"}
        if body is not None and method == "GET":
            kind = {"data": body}
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, method.lower())(f"{BASE}{path}", headers=self.headers | said, **kind)


def system(brand: Brand, scopes: Collection[str] | None = None) -> Program:
    """Give a system of the brand's own, with an API key of these scopes, or of all."""
    key, secret = create_api_key(brand=brand, name="Shop", by=SYSTEM, scopes=scopes)
    return Program("Basic " + base64.b64encode(f"{key.key_id}:{secret}".encode()).decode())


def app_of(user: User) -> Program:
    """Give an app of a person's."""
    return Program(f"Bearer {make_token(user=user, name='Phone')[1]}")
