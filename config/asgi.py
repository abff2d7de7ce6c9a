"""HTTP to Django, sockets to the consumers."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from django.core.management.base import BaseCommand

# An unsafe production setting stops the process here, with what to set.
BaseCommand().check()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from config.bounds import BoundedBody
from conversations.consumers import AgentSocket, ClientSocket

application = ProtocolTypeRouter(
    {
        "http": BoundedBody(http),
        "websocket": URLRouter(
            [
                path("ws/client/", ClientSocket.as_asgi()),
                path("ws/agent/", AuthMiddlewareStack(AgentSocket.as_asgi())),
            ]
        ),
    }
)
