"""What the client API takes in: shapes and limits; the rules themselves stand in the actions."""

from typing import Any

from rest_framework import serializers

Input = serializers.Serializer[Any]


class Start(Input):
    key = serializers.CharField(max_length=40, help_text="The channel's public key.")
    client_id = serializers.CharField(required=False, max_length=128, help_text="The browser's own random secret.")
    token = serializers.CharField(required=False, max_length=64, allow_blank=True)
    jwt = serializers.CharField(required=False, max_length=8192, help_text="Signed by the website for its user.")
    locale = serializers.CharField(required=False, max_length=64, allow_blank=True)
    page = serializers.CharField(required=False, max_length=2048, allow_blank=True)


class Started(Input):
    token = serializers.CharField()
    socket = serializers.CharField()
    contact = serializers.DictField()
    brand = serializers.DictField()
    unread = serializers.IntegerField()
    conversations = serializers.ListField(child=serializers.DictField())


class Output(Input):
    """An object; its fields are described in docs/client-api.md."""


class Me(Input):
    name = serializers.CharField(required=False, max_length=128, allow_blank=True)
    email = serializers.CharField(required=False, max_length=128, allow_blank=True)
    phone = serializers.CharField(required=False, max_length=32, allow_blank=True)
    locale = serializers.CharField(required=False, max_length=64, allow_blank=True)


class NewConversation(Input):
    client_id = serializers.CharField(
        required=False, max_length=64, help_text="Your own id for it: a retry with it is the same conversation."
    )
    metadata = serializers.DictField(required=False)


class NewMessage(Input):
    client_id = serializers.CharField(
        max_length=64, help_text="Your own id for it: a retry with it is the same message."
    )
    content = serializers.JSONField()
    metadata = serializers.DictField(required=False)


class Activity(Input):
    type = serializers.ChoiceField(["typing:start", "typing:stop", "conversation:read", "conversation:delivered"])
    seq = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class Postback(Input):
    message = serializers.CharField(max_length=24)
    payload = serializers.CharField(max_length=4096)


class Upload(Input):
    file = serializers.FileField()
