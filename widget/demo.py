"""The demo brand: an invented shop, its people, and a few conversations in both languages."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from conversations import relay
from conversations.actions import contacts, visitors
from conversations.actions.messages import Author, mark_read, post_message, receive
from conversations.events import SYSTEM, Actor
from conversations.models import (
    Brand,
    Channel,
    Contact,
    Conversation,
    Event,
    Identity,
    Membership,
    Message,
    Responder,
    Role,
    Session,
    User,
)
from routing.actions.agents import agent_of
from routing.actions.tickets import change_ticket, set_status, take_ticket
from routing.models import Group, Ticket
from widget.actions import create_widget

SLUG, KEY, PASSWORD = "demo", "demo", "madang"  # printed at every start, on purpose
PEOPLE = (
    ("admin@demo.test", "Mina Cho", Role.ADMIN),
    ("agent@demo.test", "Yoonseo Han", Role.AGENT),
    ("jiho@demo.test", "Jiho Park", Role.SUPERVISOR),
    ("viewer@demo.test", "Daniel Weiss", Role.LIGHT),
)


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


@dataclass(frozen=True)
class Story:
    """One conversation: lines are (who, content), who being "customer", "agent" or "note"."""

    name: str
    email: str
    locale: str
    lines: tuple[tuple[str, dict[str, Any]], ...]
    minutes_ago: int
    tags: tuple[str, ...] = ()
    is_taken: bool = False
    is_solved: bool = False


def stories(base_url: str) -> tuple[Story, ...]:
    poles = {
        "type": "carousel",
        "items": [
            {
                "title": "Pole set, 2 person",
                "description": "Free exchange",
                "actions": [{"type": "postback", "text": "Choose", "payload": "exchange:pole-set"}],
            },
            {
                "title": "Whole tent, 2 person",
                "description": "Ships in 2 days",
                "actions": [{"type": "postback", "text": "Choose", "payload": "exchange:tent"}],
            },
            {
                "title": "Repair at a store",
                "description": "Seongsu, Busan",
                "actions": [{"type": "link", "text": "See stores", "uri": f"{base_url}/demo/"}],
            },
        ],
    }
    questions = {
        "type": "form",
        "text": "배송지를 바꿔 드릴게요. 아래 내용을 적어 주세요.",
        "fields": [
            {"type": "text", "name": "order", "label": "주문 번호", "placeholder": "SP-00000"},
            {"type": "text", "name": "address", "label": "새 주소"},
            {"type": "email", "name": "email", "label": "이메일"},
        ],
    }
    return (
        Story(
            "Maya Okafor",
            "maya.okafor@hey.example",
            "en",
            (
                ("customer", text("Hi! One pole of my Haneul tent arrived bent. We leave on Saturday.")),
                (
                    "agent",
                    text("Sorry about that. A damaged part is replaced free within 30 days. These fit your tent:"),
                ),
                ("agent", poles),
                ("customer", text("The pole set please. Can it be here before Saturday?")),
                ("note", text("@Jiho Park Gimpo warehouse has 3 pole sets. Same-day cut-off is 14:00.")),
                ("customer", text("Oh, and can it go to my office instead? 21 Seongsui-ro, 4th floor.")),
            ),
            34,
            ("exchange", "tent"),
            is_taken=True,
        ),
        Story(
            "이서준",
            "seojun.lee@mail.example",
            "ko",
            (
                ("customer", text("배송지를 바꾸고 싶은데 이미 출고됐나요? 주문 번호는 SP-20431이에요.")),
                ("agent", text("안녕하세요, 서준 님. 아직 출고 전이라 바꿀 수 있어요.")),
                ("agent", questions),
                ("customer", text("네, 지금 적을게요!")),
            ),
            27,
            ("배송",),
            is_taken=True,
        ),
        Story(
            "Lucía Torres",
            "lucia.torres@mail.example",
            "en",
            (("customer", text("Which mat size fits the two person tent? 140 or 200?")),),
            21,
            ("advice",),
        ),
        Story(
            "김하늘",
            "haneul.kim@mail.example",
            "ko",
            (("customer", text("달 랜턴 환불 요청합니다. 불이 안 켜져요.")),),
            12,
            ("환불",),
        ),
        Story(
            "Kenta Mori",
            "kenta.mori@mail.example",
            "en",
            (
                ("customer", text("Is the Busan store open on Sunday?")),
                (
                    "agent",
                    text(
                        "Yes, 10:00 to 18:00. Shall I keep something for you there?",
                        actions=[
                            {"type": "reply", "text": "Yes, a low chair", "payload": "keep:chair"},
                            {"type": "reply", "text": "No, thanks", "payload": "keep:nothing"},
                        ],
                    ),
                ),
            ),
            55,
            ("store",),
            is_taken=True,
        ),
        Story(
            "정지은",
            "jieun.jung@mail.example",
            "ko",
            (
                ("customer", text("어제 산 머그 컵에 금이 갔어요.")),
                ("agent", text("많이 놀라셨죠. 새 머그를 오늘 보내 드렸어요.")),
                ("customer", text("감사합니다!")),
                ("agent", text("좋은 하루 보내세요.")),
            ),
            1500,
            ("파손",),
            is_taken=True,
            is_solved=True,
        ),
    )


@transaction.atomic
def seed_demo(*, base_url: str) -> bool:
    """Make the demo brand where there is none; say whether it was made. Addresses in messages begin with `base_url`."""
    if Brand.objects.filter(slug=SLUG).exists():
        return False
    brand = Brand.objects.create(name="Sopoong", slug=SLUG, locale="ko", time_zone="Asia/Seoul")
    Responder.objects.create(brand=brand, name="zd-agentWorkspace", kind=Responder.Kind.AGENTS, is_default=True)
    users = [_person(brand, *person) for person in PEOPLE]
    group = Group.objects.create(brand=brand, name="Orders and delivery", is_default=True)
    group.members.set([agent_of(user) for user in users[:3]])
    by = Actor.of_user(users[0])
    widget = create_widget(
        brand=brand,
        name="Website",
        key=KEY,
        by=by,
        colour="#1f4d3a",
        greeting_en="Hello! How can we help?",
        greeting_ko="안녕하세요! 무엇을 도와드릴까요?",
    )
    for number, story in enumerate(stories(base_url)):
        _tell(widget.channel, story, users[1], users[2], number)
    return True


def _person(brand: Brand, email: str, name: str, role: Role) -> User:
    is_admin = role == Role.ADMIN
    user = User.objects.create_user(email, PASSWORD, name=name, is_staff=is_admin, is_superuser=is_admin)
    Membership.objects.create(user=user, brand=brand, role=role)
    agent_of(user)
    return user


def _tell(channel: Channel, story: Story, agent: User, colleague: User, number: int) -> Conversation:
    identity = visitors.admit_visitor(
        channel=channel, client_id=f"demo-customer-number-{number}", profile={"locale": story.locale}
    ).identity
    changes = {"name": story.name, "email": story.email, "locale": story.locale}
    identity.contact = contacts.update_contact(contact=identity.contact, changes=changes, by=SYSTEM)
    conversation = receive(identity=identity, content=story.lines[0][1]).message.conversation
    _settle()
    ticket = Ticket.objects.get(conversation=conversation)
    by = Actor.of_user(agent)
    change_ticket(ticket=ticket, tags=list(story.tags), by=by)
    if story.is_taken:
        take_ticket(ticket=ticket, agent=agent_of(agent), by=by)
    for who, content in story.lines[1:]:
        if who == "customer":
            seq = receive(identity=identity, content=content, conversation=conversation).message.seq
            mark_read(conversation=conversation, contact=identity.contact, seq=seq)
            continue
        is_note = who == "note"
        post_message(
            conversation=conversation,
            author=Author.agent(agent),
            content=content,
            audience=Message.Audience.INTERNAL if is_note else Message.Audience.PUBLIC,
            mentions=[colleague] if is_note else [],
        )
    _settle()
    if story.is_solved:
        set_status(ticket=ticket, status=Ticket.Status.SOLVED, by=by)
    _move_back(conversation, timedelta(minutes=story.minutes_ago))
    return conversation


def _settle() -> None:
    """Do at once what the worker does."""
    relay.publish_pending()
    relay.run_readers()


def _move_back(conversation: Conversation, by: timedelta) -> None:
    """Have a conversation and all that happened in it be older, so that the demo's day did not happen in one second."""
    moments: tuple[tuple[QuerySet[Any], tuple[str, ...]], ...] = (
        (Conversation.objects.filter(pk=conversation.pk), ("created_at", "last_message_at")),
        (Message.objects.filter(conversation=conversation), ("created_at",)),
        (Event.objects.filter(conversation_id=conversation.pk), ("created_at",)),
        (Session.objects.filter(conversation=conversation), ("started_at", "last_contact_at")),
        (Ticket.objects.filter(conversation=conversation), ("created_at", "last_activity_at")),
        (Ticket.objects.filter(conversation=conversation, waiting_since__isnull=False), ("waiting_since",)),
        (Ticket.objects.filter(conversation=conversation, solved_at__isnull=False), ("solved_at",)),
        (Ticket.objects.filter(conversation=conversation, status_set_at__isnull=False), ("status_set_at",)),
        (Contact.objects.filter(pk=conversation.contact_id), ("created_at",)),
        (Identity.objects.filter(contact=conversation.contact_id), ("created_at", "last_seen_at")),
    )
    for rows, fields in moments:
        rows.update(**{field: F(field) - by for field in fields})
