"""The floor of this stack: sockets that do nothing of the product's work. What stores differs; the rest is here.

A visitor joins one room and writes; its agent joins many and sees. `/ws/echo/` gives each frame back.
"""

import json
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path


class Room(AsyncWebsocketConsumer):
    """Takes a frame, stores it, hands it to the room's group, acknowledges it."""

    async def store(self, room: str, frame: dict[str, Any]) -> None:
        """Keep one message."""

    async def connect(self) -> None:
        self.rooms = parse_qs(self.scope["query_string"].decode())["room"]
        await self.accept()
        for room in self.rooms:
            await self.channel_layer.group_add(f"room-{room}", self.channel_name)
        await self.send(text_data='{"type":"welcome"}')

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame = json.loads(text_data or "")
        room = self.rooms[0]
        await self.store(room, frame)
        seen = {"type": "room.message", "room": room, "n": frame["n"], "text": frame["text"]}
        await self.channel_layer.group_send(f"room-{room}", seen)
        await self.send(text_data=json.dumps({"type": "ack", "n": frame["n"]}))

    async def room_message(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps({"type": "seen", "room": event["room"], "n": event["n"]}))


class Echo(AsyncWebsocketConsumer):
    """Gives each frame back."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=text_data)


def application(room: type[Room]) -> ProtocolTypeRouter:
    """Give the ASGI app of one bare product."""
    return ProtocolTypeRouter(
        {"websocket": URLRouter([path("ws/room/", room.as_asgi()), path("ws/echo/", Echo.as_asgi())])}
    )
