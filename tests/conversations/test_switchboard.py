"""Who holds a conversation: control is passed, offered, taken, given back, and never lost."""

import pytest
from django.test import Client
from django.urls import reverse

from conversations import relay
from conversations.actions.configuration import save_responder
from conversations.actions.switchboard import accept_control, offer_control, pass_control, release_control
from conversations.errors import InvalidTarget, ResponderNeeded
from conversations.events import SYSTEM
from conversations.models import Conversation, Event, Identity, Responder, Role
from routing.models import Ticket
from tests.factories import make_brand, make_channel, make_user, make_visitor, say
from tests.threads import in_threads

AGENTS = "zd-agentWorkspace"


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()))


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    return say(carol, "hello").message.conversation


@pytest.fixture
def bot(conversation: Conversation) -> Responder:
    agents = Responder.objects.get()
    return Responder.objects.create(brand=conversation.brand, name="dori", kind="bot", next=agents)


def passed() -> list[tuple[str, str, str]]:
    found = Event.objects.filter(type="switchboard.passed").order_by("pk").values_list("payload", flat=True)
    return [(each["previous"], each["holder"], each["holder_kind"]) for each in found]


def holders(conversation: Conversation) -> tuple[str, str]:
    conversation = Conversation.objects.select_related("holder", "pending_holder").get(pk=conversation.pk)
    return str(conversation.holder or ""), str(conversation.pending_holder or "")


def test_offer_leaves_the_holder_until_it_is_accepted(conversation: Conversation, bot: Responder) -> None:
    offer_control(conversation=conversation, to="dori", by=SYSTEM, metadata={"why": "night"})
    assert (holders(conversation), passed()) == ((AGENTS, "dori"), [])
    assert Event.objects.get(type="switchboard.offered").payload == {"offered_to": "dori", "metadata": {"why": "night"}}
    accept_control(conversation=conversation, by=SYSTEM)
    assert (holders(conversation), passed()) == (("dori", ""), [(AGENTS, "dori", "bot")])
    with pytest.raises(InvalidTarget):
        accept_control(conversation=conversation, by=SYSTEM)


def test_passing_on_ends_an_offer_and_next_is_the_holders_own(conversation: Conversation, bot: Responder) -> None:
    pass_control(conversation=conversation, to="dori", by=SYSTEM)
    offer_control(conversation=conversation, to=AGENTS, by=SYSTEM)
    pass_control(conversation=conversation, to="next", by=SYSTEM)
    assert holders(conversation) == (AGENTS, "")
    with pytest.raises(InvalidTarget):
        pass_control(conversation=conversation, to="next", by=SYSTEM)  # the agents' side passes on to nobody


def test_released_conversation_goes_to_who_answers_first_with_the_next_word(
    carol: Identity, conversation: Conversation
) -> None:
    release_control(conversation=conversation, by=SYSTEM)
    assert (holders(conversation), passed()) == (("", ""), [(AGENTS, "", "")])
    with pytest.raises(InvalidTarget):
        pass_control(conversation=conversation, to="next", by=SYSTEM)
    say(carol, "anyone?")
    assert (holders(conversation), passed()[-1]) == ((AGENTS, ""), ("", AGENTS, "agents"))


@pytest.mark.parametrize("to", ["nobody", "", "next"])
def test_control_goes_only_to_a_responder_of_the_brand(conversation: Conversation, to: str) -> None:
    Responder.objects.create(brand=make_brand("other"), name="nobody", kind="bot")
    for act in (pass_control, offer_control):
        with pytest.raises(InvalidTarget):
            act(conversation=conversation, to=to, by=SYSTEM)
    assert holders(conversation) == (AGENTS, "")


def test_holder_is_not_offered_what_it_has(conversation: Conversation) -> None:
    with pytest.raises(InvalidTarget):
        offer_control(conversation=conversation, to=AGENTS, by=SYSTEM)


@pytest.mark.parametrize("left", ["agents who are not first", "nobody at all"])
def test_word_reaches_the_agents_even_where_nobody_answers_first(carol: Identity, left: str) -> None:
    Responder.objects.update(is_default=False)
    if left == "nobody at all":
        Responder.objects.all().delete()
    conversation = say(carol, "hello").message.conversation
    relay.publish_pending()
    relay.run_readers()
    assert Ticket.objects.get().conversation == conversation
    assert holders(conversation)[0] == ("" if left == "nobody at all" else AGENTS)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"kind": "bot"}, "keeps the kind"), ({"is_default": False}, "must answer first")],
)
def test_brand_keeps_one_who_answers_first_and_its_agents(
    conversation: Conversation, change: dict[str, object], said: str
) -> None:
    agents = Responder.objects.get()
    for name, value in change.items():
        setattr(agents, name, value)
    with pytest.raises(ResponderNeeded, match=said):
        save_responder(responder=agents, fields=[*change], by=SYSTEM)
    with pytest.raises(ResponderNeeded, match="of the kind Agents"):
        new = Responder(brand=make_brand("other"), name="dori", kind="bot", is_default=True)
        Responder.objects.filter(brand=new.brand).delete()
        save_responder(responder=new, fields=(), by=SYSTEM)
    agents.refresh_from_db()
    assert (agents.kind, agents.is_default) == ("agents", True)


def test_admin_moves_who_answers_first_and_cannot_take_it_away(conversation: Conversation, bot: Responder) -> None:
    admin = Client()
    admin.force_login(make_user("ada", conversation.brand, role=Role.ADMIN))
    agents = Responder.objects.get(name=AGENTS)
    url = "admin:conversations_responder_change"
    given = {"name": agents.name, "kind": "custom"}  # unticked, and another kind
    page = admin.post(reverse(url, args=[agents.pk]), given, follow=True).content.decode()
    agents.refresh_from_db()
    assert "must answer first" in page and (agents.kind, agents.is_default) == ("agents", True)
    admin.post(reverse(url, args=[bot.pk]), {"name": "dori", "is_default": "on", "next": agents.pk})
    assert dict(Responder.objects.values_list("name", "is_default")) == {AGENTS: False, "dori": True}
    assert Event.objects.filter(type="configuration.changed").get().payload["change"] == "is_default"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_does() -> None:
    brand = make_brand()
    bot = Responder.objects.create(brand=brand, name="bot", kind=Responder.Kind.BOT)
    conversation = say(make_visitor(make_channel(brand)), "Hello").message.conversation
    for _ in range(5):
        pass_control(conversation=conversation, to=AGENTS, by=SYSTEM)
        offer_control(conversation=conversation, to=bot.name, by=SYSTEM)
        refused = in_threads(3, lambda _: accept_control(conversation=conversation, by=SYSTEM))
        assert [type(each) for each in refused] == [InvalidTarget, InvalidTarget]
