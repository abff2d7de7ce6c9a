"""How work stands: what is promised of a ticket, how many tickets are in each view, what customers said."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import AFTER, LIMIT, Meta, answer, operation, path_id, query
from conversations.business.views import BusinessView
from conversations.queries import unread_mentions
from conversations.scopes import Area
from conversations.shapes import timestamp
from routing import queries
from routing.api.shapes import Named, Output, PromiseShape, named, promise_told
from routing.models import Rating
from routing.queries.calls import seen_ratings, ticket_for_viewer


class FullPromise(PromiseShape):
    target_minutes = serializers.IntegerField(min_value=1)
    is_business = serializers.BooleanField()
    service_level = Named(allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class PromisesView(BusinessView):
    """Promises."""

    area = Area.TICKETS

    @operation(
        "listPromises",
        "List what is promised of a ticket",
        "Tickets",
        {200: answer("PromisesAnswer", promises=FullPromise(many=True))},
        parameters=(path_id("public_id", "a ticket"),),
        refuses=(404,),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Give how each metric that something is promised of stands."""
        found = queries.promises_of(ticket_for_viewer(self.viewer, public_id))
        return Response(
            {
                "promises": [
                    {
                        **(promise_told(each) or {}),
                        "target_minutes": each.target_minutes,
                        "is_business": each.is_business,
                        "service_level": named(each.policy),
                        "started_at": timestamp(each.started_at),
                        "ended_at": timestamp(each.ended_at),
                    }
                    for each in found
                ]
            }
        )


class Count(Output):
    view = serializers.CharField(help_text="As `/tickets?view=` takes it.")
    count = serializers.IntegerField(min_value=0, max_value=queries.COUNT_LIMIT)


class CountsView(BusinessView):
    """How much is where."""

    area = Area.TICKETS

    @operation(
        "countViews",
        "Count the tickets of views",
        "Views",
        {200: answer("CountsAnswer", counts=Count(many=True))},
    )
    def get(self, request: Request) -> Response:
        """Count what you see in each list, up to 1,000: the built-in ones and the views; mentions by what is unread."""
        counts: dict[str, int] = queries.view_counts(self.viewer)
        counts["mentions"] = len(unread_mentions(self.viewer))
        views = queries.views_of(self.viewer)
        saved = queries.saved_counts(self.viewer, views, queries.COUNT_LIMIT)
        counts |= dict(zip((view.public_id for view in views), saved, strict=True))
        return Response({"counts": [{"view": view, "count": count} for view, count in counts.items()]})


class RatingShape(Output):
    ticket = serializers.CharField()
    contact = Named()
    scale = serializers.IntegerField(help_text="How many points there are.")
    score = serializers.IntegerField(allow_null=True)
    word = serializers.CharField(
        allow_null=True, help_text="What the score says: in the words it was asked with, or in ours in your language."
    )
    grade = serializers.ChoiceField(Rating.Grade.choices)
    reasons = serializers.ListField(child=serializers.CharField())
    comment = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


def rating_told(rating: Rating) -> dict[str, Any]:
    """Show what a customer said, read with the ticket's contact."""
    contact = rating.ticket.conversation.contact
    return {
        "ticket": rating.ticket.public_id,
        "contact": {"id": contact.public_id, "name": contact.name},
        "scale": rating.scale,
        "score": rating.score,
        "word": rating.said if rating.score else None,
        "grade": rating.grade,
        "reasons": rating.reasons,
        "comment": rating.comment,
        "asked_at": timestamp(rating.asked_at),
        "answered_at": timestamp(rating.answered_at),
    }


class RatingsView(BusinessView):
    """What customers said."""

    area = Area.TICKETS

    @operation(
        "listRatings",
        "List ratings",
        "Ratings",
        {200: answer("RatingsAnswer", ratings=RatingShape(many=True), meta=Meta())},
        parameters=(
            query("contact", "Id of a contact: theirs only."),
            query("ticket", "Id of a ticket: that one only."),
            AFTER,
            LIMIT,
        ),
        refuses=(400,),
    )
    def get(self, request: Request) -> Response:
        """Give a page of ratings that customers were asked for, of work that you see; the newest first."""
        found = seen_ratings(self.viewer)
        if contact := self.asked("contact"):
            found = found.filter(ticket__conversation__contact__public_id=contact)
        if ticket := self.asked("ticket"):
            found = found.filter(ticket__public_id=ticket)
        page, meta = self.page(found, newest_first=True)
        return Response({"ratings": [rating_told(each) for each in page], "meta": meta})
