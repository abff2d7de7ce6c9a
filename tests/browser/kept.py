"""The files of the pages, read once: each test opens a browser that knows none of them yet."""

from typing import Any

Message = dict[str, Any]


class KeptFiles:
    """Gives static files again as the application gave them, header for header; all else is the application's."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.kept: dict[str, list[Message]] = {}

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        is_kept = scope["type"] == "http" and scope["method"] == "GET" and path.startswith("/static/")
        if not is_kept or any(name.startswith(b"if-") or name == b"range" for name, _value in scope["headers"]):
            await self.application(scope, receive, send)
            return
        if path not in self.kept:
            sent: list[Message] = []

            async def note(message: Message) -> None:
                sent.append(message)

            await self.application(scope, receive, note)
            if sent[0]["status"] != 200:
                for message in sent:
                    await send(message)
                return
            self.kept[path] = sent
        for message in self.kept[path]:
            await send(message)
