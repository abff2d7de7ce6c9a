"""bare-mem: no database, Channels' own in-memory layer. Run by daphne."""

from django.conf import settings

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})

from tests.bench.bare import Room, application

app = application(Room)
