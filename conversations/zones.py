"""The time zones there are, and the field of one, for every page of the console that asks for it."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _


@cache
def time_zones() -> frozenset[str]:
    """Give the names of all time zones, looked up once a process: that reads hundreds of files."""
    return frozenset(available_timezones())


class ZoneInput(forms.TextInput):
    """A field that offers every time zone as one types, without a script."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, {**(attrs or {}), "list": "time-zones", "autocomplete": "off"}, renderer)
        zones = format_html_join("", '<option value="{}">', ((zone,) for zone in sorted(time_zones())))
        return format_html('{}<datalist id="time-zones">{}</datalist>', field, zones)


class ZoneField(forms.CharField):
    """A time zone there is."""

    widget = ZoneInput

    def clean(self, value: Any) -> Any:
        zone = super().clean(value)
        if zone and zone not in time_zones():
            raise forms.ValidationError(_("There is no time zone of this name. Choose one from the list."))
        return zone
