"""Settings of which a brand has one row: its satisfaction survey, and what it does about waiting and silence."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import KEY, answer, operation, query
from conversations.business.views import BusinessView, Input, one_named
from conversations.permissions import Permission
from conversations.scopes import Area
from routing.actions.ratings import save_survey, switch_rating
from routing.actions.sessions import MAX_MINUTES, STATUSES, save_session_settings
from routing.api.named import fill
from routing.api.shapes import Named, Output, named
from routing.api.tickets import OF, OneTicketView
from routing.decide.ratings import MAX_REASONS, REASON_CHARS, WORD_CHARS
from routing.decide.sessions import MAX_REMINDERS, Reminder
from routing.models import Schedule, SessionSettings, Survey
from routing.models.sessions import TEXT_CHARS
from routing.queries.sessions import session_settings

BRAND = query("brand", "Id of a brand, where you are in several.")


def _reasons(language: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=REASON_CHARS),
        required=False,
        max_length=MAX_REASONS,
        help_text=f"Of a low rating, in {language}.",
    )


def _words(language: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=WORD_CHARS),
        required=False,
        max_length=max(Survey.Scale.values),
        help_text=f"One for each point, worst first, in {language}. None in both languages: ours.",
    )


class SurveyShape(serializers.ModelSerializer[Survey]):
    # Said here: what the model's own field would say beside its choices is the database's.
    scale = serializers.ChoiceField(Survey.Scale.choices, required=False)
    words_en = _words("English")
    words_ko = _words("Korean")
    reasons_en = _reasons("English")
    reasons_ko = _reasons("Korean")

    class Meta:
        model = Survey
        exclude = ["id", "brand"]


class SurveyView(BusinessView):
    """How a brand asks how it went."""

    area = Area.SETTINGS
    answer = answer("SurveyAnswer", survey=SurveyShape())

    @operation(
        "readSurvey", "Read the satisfaction survey", "Ratings", {200: answer}, parameters=(BRAND,), refuses=(400, 404)
    )
    def get(self, request: Request) -> Response:
        """Give how the brand asks; where nobody set it up, it does not."""
        return self._told(self._found())

    @operation(
        "changeSurvey",
        "Change the satisfaction survey",
        "Ratings",
        {200: answer},
        body=SurveyShape(partial=True),
        parameters=(BRAND,),
        refuses=(404,),
    )
    def patch(self, request: Request) -> Response:
        """Change what is given; what was asked already stays as it was asked."""
        survey = self._found()
        self.require(survey.brand_id, Permission.CONFIGURE_ROUTING)
        given = self.given(SurveyShape, partial=True)
        fill(survey, given)
        return self._told(save_survey(survey=survey, fields=sorted(given), by=self.caller.actor))

    def _found(self) -> Survey:
        brand = self.brand(self.asked("brand"))
        return Survey.objects.filter(brand=brand).first() or Survey(brand=brand)

    def _told(self, survey: Survey) -> Response:
        return Response({"survey": SurveyShape(survey).data})


class SwitchBody(Input):
    is_on = serializers.BooleanField()


class SwitchRatingView(OneTicketView):
    """Whether one ticket's customer is asked."""

    @operation(
        "switchRating",
        "Say whether the customer is asked",
        "Ratings",
        {200: answer("SwitchRatingAnswer", is_on=serializers.BooleanField())},
        body=SwitchBody,
        parameters=(OF, KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Say whether the customer will be asked how this ticket went, where the brand asks; refused once they were."""
        ticket = self.ticket(public_id, Permission.CHANGE_TICKETS)
        switched = switch_rating(ticket=ticket, is_on=self.given(SwitchBody)["is_on"], by=self.caller.actor)
        return Response({"is_on": switched.asks_rating})


class ReminderShape(Output):
    minutes = serializers.IntegerField(
        min_value=1, max_value=MAX_MINUTES, help_text="Of silence; of the second and third, since the one before."
    )
    text_en = serializers.CharField(required=False, allow_blank=True, max_length=TEXT_CHARS)
    text_ko = serializers.CharField(required=False, allow_blank=True, max_length=TEXT_CHARS)
    status = serializers.ChoiceField(
        ["", *STATUSES], required=False, help_text="What the ticket becomes; solved by the last only."
    )
    tags = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=100)
    ends_session = serializers.BooleanField(required=False, help_text="By the last only.")


FIGURES = [
    "closed_text_en",
    "closed_text_ko",
    "tells_opening",
    "waiting_text_en",
    "waiting_text_ko",
    "tells_position",
    "tells_minutes",
    "reminds_who_waits",
    "reopen_solved_for_hours",
    "close_solved_after_days",
]


class SessionSettingsShape(serializers.ModelSerializer[SessionSettings]):
    closed_schedule = Named(allow_null=True)
    reminders = ReminderShape(many=True)

    class Meta:
        model = SessionSettings
        fields = [*FIGURES, "closed_schedule", "reminders"]


class SessionSettingsBody(serializers.ModelSerializer[SessionSettings]):
    closed_schedule = serializers.CharField(
        required=False, allow_null=True, max_length=24, help_text="Id of a schedule; null: the default one."
    )
    reminders = ReminderShape(many=True, required=False, max_length=MAX_REMINDERS, help_text="Exactly these, in order.")  # type: ignore[call-arg]  # of the list

    class Meta:
        model = SessionSettings
        fields = [*FIGURES, "closed_schedule", "reminders"]


class SessionSettingsView(BusinessView):
    """Waiting and silence."""

    area = Area.SETTINGS
    answer = answer("SessionSettingsAnswer", session_settings=SessionSettingsShape())

    @operation(
        "readSessionSettings",
        "Read what is done about waiting and silence",
        "Routing",
        {200: answer},
        parameters=(BRAND,),
        refuses=(400, 404),
    )
    def get(self, request: Request) -> Response:
        """Give what the brand tells who waits, when it reminds who is silent, and when work is closed."""
        return self._told(session_settings(self.brand(self.asked("brand")).pk))

    @operation(
        "changeSessionSettings",
        "Change what is done about waiting and silence",
        "Routing",
        {200: answer},
        body=SessionSettingsBody(partial=True),
        parameters=(BRAND,),
        refuses=(404,),
    )
    def patch(self, request: Request) -> Response:
        """Change what is given; the rest stays."""
        brand = self.brand(self.asked("brand"))
        self.require(brand.pk, Permission.CONFIGURE_ROUTING)
        given = self.given(SessionSettingsBody, partial=True)
        fields, settings = sorted(given), session_settings(brand.pk)
        if "closed_schedule" in given:
            named_one = given.pop("closed_schedule")
            given["closed_schedule"] = one_named(Schedule.objects.filter(brand=brand), named_one, "closed_schedule")
        if "reminders" in given:
            settings.chain = [Reminder(**each) for each in given.pop("reminders")]
        fill(settings, given)
        return self._told(save_session_settings(settings=settings, fields=fields, by=self.caller.actor))

    def _told(self, settings: SessionSettings) -> Response:
        told: dict[str, Any] = {name: getattr(settings, name) for name in FIGURES}
        told |= {"closed_schedule": named(settings.closed_schedule), "reminders": settings.reminders}
        return Response({"session_settings": told})
