"""What people make for their own work or share: views and macros."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from rest_framework import serializers

from conversations.business.callers import Caller
from conversations.business.nouns import CHANGE, DELETE, MAKE, ORDER, Noun
from conversations.business.shapes import Flat
from conversations.business.views import Input, one_named, those_named
from conversations.errors import NotAllowed
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.scopes import Area
from routing.actions import macros, saved_views
from routing.actions.agents import agent_of
from routing.api.named import brand_field, fill
from routing.api.shapes import PRIORITIES, PRIORITY_OF, FileShape, Named, Output, file_told, named
from routing.decide.steps import MAX_STEPS
from routing.models import Group, Macro, MacroFile, Ticket, View
from routing.queries.macros import files_to_attach

COLUMNS = f"Of {', '.join(View.Column.values)}, and of the brand's ticket fields, by key: field:order."
OWN = "Yours alone; otherwise everybody's of the brand. It stays as it is made."


class ViewShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    conditions = Flat()
    order = serializers.ChoiceField(View.Order.choices)
    columns = serializers.ListField(child=serializers.CharField(), help_text=COLUMNS)
    is_own = serializers.BooleanField()
    place = serializers.IntegerField(help_text="Of the shared ones, and of one's own, the first is 1.")


class ViewBody(Input):
    name = serializers.CharField(help_text="At most 60 characters.")
    conditions = Flat(required=False, help_text="As docs/conditions.md tells.")
    order = serializers.ChoiceField(View.Order.choices, required=False)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=saved_views.MAX_COLUMNS,
        help_text=COLUMNS,
    )
    is_own = serializers.BooleanField(required=False, help_text=OWN)
    brand = brand_field()


class ViewNoun(Noun[View]):
    """Lists of tickets. `/tickets?view=<id>` gives what is in one."""

    name, many, one, tag, area = "view", "views", "a view", "Views", Area.SETTINGS
    shape, body = ViewShape, ViewBody
    permission = Permission.SHARE_VIEWS
    # The order is of the shared ones.
    does = frozenset({MAKE, CHANGE, DELETE, ORDER})

    def rows(self, caller: Caller) -> QuerySet[View]:
        own = Q(owner=None) | Q(owner__user=caller.viewer.user)
        return View.objects.filter(own, brand__in=caller.viewer.brand_ids).select_related("owner__user")

    def told(self, row: View) -> dict[str, Any]:
        return {
            "id": row.public_id,
            "name": row.name,
            "conditions": row.conditions,
            "order": row.order,
            "columns": row.columns,
            "is_own": row.owner_id is not None,
            "place": row.position,
        }

    def check(self, caller: Caller, brand_id: int, row: View | None, given: dict[str, Any]) -> None:
        is_own = row.owner_id is not None if row else given.get("is_own", False)
        if not is_own and not caller.viewer.may(brand_id, self.permission):
            raise NotAllowed

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> View:
        owner = agent_of(caller.person) if given.pop("is_own", False) else None
        return self.change(caller, View(brand=brand, owner=owner), given)

    def change(self, caller: Caller, row: View, given: dict[str, Any]) -> View:
        given.pop("is_own", None)
        fill(row, given)
        return saved_views.save_view(view=row, fields=sorted(given), by=caller.actor)

    def delete(self, caller: Caller, row: View) -> None:
        saved_views.delete_view(view=row, by=caller.actor)

    def arrange(self, caller: Caller, brand: Brand, public_ids: list[str]) -> None:
        shared = View.objects.filter(brand=brand, owner=None)
        rows = {row.public_id: row for row in those_named(shared, public_ids, "ids")}
        saved_views.arrange_views(rows=[rows[public_id] for public_id in public_ids], by=caller.actor)


def _tags(**given: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), max_length=200, **given)


class MacroShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    shortcut = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    is_note = serializers.BooleanField()
    status = serializers.ChoiceField(["", *Macro.Status.values])
    priority = serializers.ChoiceField(list(PRIORITY_OF), allow_null=True)
    group = Named(allow_null=True)
    assignee = serializers.ChoiceField(["", *Macro.Assignee.values])
    add_tags = serializers.ListField(child=serializers.CharField())
    remove_tags = serializers.ListField(child=serializers.CharField())
    steps = serializers.ListField(child=serializers.DictField())
    files = FileShape(many=True)
    is_own = serializers.BooleanField()


class MacroBody(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    shortcut = serializers.CharField(required=False, allow_blank=True, help_text="At most 32 characters.")
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="At most 4,000 characters."
    )
    is_note = serializers.BooleanField(required=False)
    status = serializers.ChoiceField(["", *Macro.Status.values], required=False)
    priority = serializers.ChoiceField(list(PRIORITY_OF), required=False, allow_null=True)
    group = serializers.CharField(required=False, allow_null=True, max_length=24, help_text="Id of a group.")
    assignee = serializers.ChoiceField(["", *Macro.Assignee.values], required=False)
    add_tags = _tags(required=False)
    remove_tags = _tags(required=False)
    steps = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        max_length=MAX_STEPS,
        help_text='Fields to fill in and a form to give: {"do": "set_field" | "set_contact_field" | "set_form",'
        ' "value": key or id, "text": what is filled in}. At most 20.',
    )
    files = serializers.ListField(
        child=serializers.CharField(max_length=24),
        required=False,
        help_text="All it is to have: ids of files you uploaded to /attachments. At most 5; each in one macro only.",
    )
    is_own = serializers.BooleanField(required=False, help_text=OWN)
    brand = brand_field()


class MacroNoun(Noun[Macro]):
    """Answers and changes that are made again and again. `/tickets/<id>/macro` uses one."""

    name, many, one, tag, area = "macro", "macros", "a macro", "Macros", Area.SETTINGS
    shape, body = MacroShape, MacroBody
    permission = Permission.SHARE_MACROS

    def rows(self, caller: Caller) -> QuerySet[Macro]:
        own = Q(owner=None) | Q(owner=caller.viewer.user)
        return Macro.objects.filter(own, brand__in=caller.viewer.brand_ids).select_related("group", "brand")

    def dressed(self, rows: list[Macro]) -> list[Macro]:
        files = MacroFile.objects.select_related("attachment").order_by("pk")
        prefetch_related_objects(rows, Prefetch("files", files))
        return rows

    def told(self, row: Macro) -> dict[str, Any]:
        return {
            "id": row.public_id,
            "name": row.name,
            "shortcut": row.shortcut,
            "text": row.text,
            "is_note": row.is_note,
            "status": row.status,
            "priority": PRIORITIES[Ticket.Priority(row.priority)] if row.priority else None,
            "group": named(row.group),
            "assignee": row.assignee,
            "add_tags": row.add_tags,
            "remove_tags": row.remove_tags,
            "steps": row.steps,
            "files": [file_told(each.attachment) for each in row.files.all()],
            "is_own": row.owner_id is not None,
        }

    def check(self, caller: Caller, brand_id: int, row: Macro | None, given: dict[str, Any]) -> None:
        is_own = row.owner_id is not None if row else given.get("is_own", False)
        if not caller.viewer.may(brand_id, Permission.REPLY if is_own else self.permission):
            raise NotAllowed

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Macro:
        owner = caller.person if given.pop("is_own", False) else None
        return self._save(caller, Macro(brand=brand, owner=owner), given, [])

    def change(self, caller: Caller, row: Macro, given: dict[str, Any]) -> Macro:
        given.pop("is_own", None)
        return self._save(caller, row, given, sorted(given))

    def _save(self, caller: Caller, row: Macro, given: dict[str, Any], fields: list[str]) -> Macro:
        if "group" in given:
            given["group"] = one_named(Group.objects.filter(brand=row.brand_id), given["group"], "group")
        if "priority" in given:
            given["priority"] = PRIORITY_OF[given["priority"]] if given["priority"] else None
        ids = given.pop("files", None)
        user = None if caller.key else caller.person
        files = None if ids is None else files_to_attach(row, ids, user)
        fill(row, given)
        return macros.save_macro(macro=row, by=caller.actor, fields=fields, files=files)

    def delete(self, caller: Caller, row: Macro) -> None:
        macros.delete_macro(macro=row, by=caller.actor)
