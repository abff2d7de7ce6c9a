"""The bodies of calls: JSON, and only such as can be kept and told again."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from conversations.incoming import is_storable, json_in


class JSONBody(JSONParser):
    """Parses UTF-8 JSON. Raises ParseError, also for what nests too deep, is not finite or cannot be stored."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            body = json_in(stream.read())
            if is_storable(body):
                return body
        except (ValueError, RecursionError):
            pass
        raise ParseError
