"""People merge two customers into one, and take it back."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from conversations.actions import visitors
from conversations.actions.blocking import block
from conversations.actions.contacts import set_contact_field_values, update_contact
from conversations.actions.merging import drop_old_merges, foresee, merge_customers, undo_merge
from conversations.decide import Profile, plan_merge
from conversations.errors import CannotBeUndone, InvalidContent
from conversations.events import SYSTEM, Actor
from conversations.models import Channel, Contact, ContactMerge, Conversation, Event, Identity, Role, User
from conversations.queries import is_blocked
from tests.factories import make_brand, make_channel, make_user, make_visitor, note, say
from tests.threads import in_threads

HTMX = {"HX-Request": "true"}


@pytest.fixture
def alice(channel: Channel) -> User:
    return make_user("alice", channel.brand)


@pytest.fixture
def carol(channel: Channel) -> Identity:
    carol = make_visitor(channel, name="Carol", email="carol@example.test", terms="carol")
    say(carol, "from the laptop")
    return carol


@pytest.fixture
def phone(channel: Channel, alice: User) -> Identity:
    phone = make_visitor(
        channel, "carols-phone-000001", phone="+82 10 1234", properties={"size": "M"}, terms="82 10 1234"
    )
    note(say(phone, "from the phone").message.conversation, alice, "sounds like Carol")
    return phone


def test_everything_moves_and_the_one_who_stays_is_filled_in(carol: Identity, phone: Identity, alice: User) -> None:
    gone = phone.contact.public_id
    merge = merge_customers(surviving=carol.contact, discarded=phone.contact, by=alice)
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("Carol", "carol@example.test", "+82 10 1234")
    assert contact.properties == {"size": "M"}
    assert "1234" in contact.terms
    assert Conversation.objects.filter(contact=contact).count() == 2
    assert set(Identity.objects.values_list("contact", flat=True)) == {contact.pk}
    assert not merge.has_dropped
    fact = Event.objects.get(type="contact.merged")
    assert fact.payload == {"surviving": contact.public_id, "discarded": gone}
    assert fact.actor_id == alice.public_id
    # The phone's own browser goes on as her.
    again = visitors.admit_visitor(channel=phone.channel, client_id="carols-phone-000001")
    assert again.identity.contact == contact


def test_undo_gives_back_what_was_theirs_and_no_more(carol: Identity, phone: Identity, alice: User) -> None:
    own = Conversation.objects.get(contact=phone.contact)
    before = Contact.objects.values().get(pk=phone.contact_id)
    merge = merge_customers(surviving=carol.contact, discarded=phone.contact, by=alice)
    update_contact(contact=carol.contact, changes={"phone": "+82 2 555"}, by=SYSTEM)
    phone.refresh_from_db()
    say(phone, "after the merge", conversation=own)
    back = undo_merge(merge=merge, by=Actor.of_user(alice))
    after = Contact.objects.values().get(pk=back.pk)
    assert {**after, "updated_at": 0} == {**before, "updated_at": 0}
    assert Conversation.objects.get(contact=back) == own
    assert Conversation.objects.get(default_for=back) == own
    assert set(own.messages.filter(author_kind="contact").values_list("author_contact", flat=True)) == {back.pk}
    assert Identity.objects.get(contact=back) == phone
    stays = Contact.objects.get(pk=carol.contact_id)
    assert (stays.phone, stays.properties) == ("+82 2 555", {})
    assert Conversation.objects.filter(contact=stays, default_for=stays).count() == 1
    assert Event.objects.get(type="contact.unmerged").payload["restored"] == back.public_id
    merge.pk = before["id"] + 1000
    with pytest.raises(CannotBeUndone):
        undo_merge(merge=merge, by=SYSTEM)


@pytest.mark.parametrize(("after_s", "may"), [(0, True), (0.001, False)])
def test_it_is_undone_up_to_and_with_the_last_moment_of_30_days(
    carol: Identity, phone: Identity, alice: User, after_s: float, may: bool
) -> None:
    with time_machine.travel("2026-12-02T03:00:00Z", tick=False) as clock:
        merge = merge_customers(surviving=carol.contact, discarded=phone.contact, by=alice)
        clock.move_to(merge.created_at + timedelta(days=30, seconds=after_s))
        if may:
            assert undo_merge(merge=merge, by=SYSTEM).public_id == merge.discarded_id
        else:
            with pytest.raises(CannotBeUndone):
                undo_merge(merge=merge, by=SYSTEM)


def test_what_dropped_something_or_is_old_is_not_undone(carol: Identity, phone: Identity, alice: User) -> None:
    Contact.objects.filter(pk=phone.contact_id).update(email="other@example.test")
    phone.contact.refresh_from_db()
    merge = merge_customers(surviving=carol.contact, discarded=phone.contact, by=alice)
    assert merge.has_dropped
    with pytest.raises(CannotBeUndone):
        undo_merge(merge=merge, by=SYSTEM)
    ContactMerge.objects.update(has_dropped=False)
    with time_machine.travel(merge.created_at + timedelta(days=30, seconds=1)):
        merge.refresh_from_db()
        with pytest.raises(CannotBeUndone):
            undo_merge(merge=merge, by=SYSTEM)
        assert drop_old_merges() == 1
    assert Contact.objects.count() == 1


def test_external_id_moves_and_two_are_never_merged(carol: Identity, phone: Identity, alice: User) -> None:
    vouched = {"external_id": "u-1", "is_verified": True, "verified_email": "carol@example.test"}
    Contact.objects.filter(pk=phone.contact_id).update(**vouched)
    Contact.objects.filter(pk=carol.contact_id).update(external_id="u-2")
    with pytest.raises(InvalidContent) as refused:
        merge_customers(surviving=carol.contact, discarded=phone.contact, by=alice)
    assert refused.value.field == "contact"
    Contact.objects.filter(pk=carol.contact_id).update(external_id="")
    merge = merge_customers(surviving=carol.contact, discarded=phone.contact, by=alice)
    contact = Contact.objects.get()
    assert (contact.external_id, contact.is_verified, contact.verified_email) == tuple(vouched.values())
    undo_merge(merge=merge, by=SYSTEM)
    stays = Contact.objects.get(pk=carol.contact_id)
    assert (stays.external_id, stays.is_verified, stays.verified_email) == ("", False, "")
    assert Contact.objects.get(external_id="u-1").pk == phone.contact_id


def test_blocks_follow_and_keep_it_from_being_undone(carol: Identity, phone: Identity, alice: User) -> None:
    block(brand=phone.channel.brand, kind="contact", contact=phone.contact, by=SYSTEM)
    merge = merge_customers(surviving=carol.contact, discarded=phone.contact, by=alice)
    carol.refresh_from_db()
    assert is_blocked(carol, "")
    assert merge.has_dropped


def test_same_one_or_another_brands_is_refused(carol: Identity, alice: User) -> None:
    foreign = make_visitor(make_channel(make_brand("other")), "franks-browser-0001")
    for other in (carol.contact, foreign.contact):
        with pytest.raises(InvalidContent):
            merge_customers(surviving=carol.contact, discarded=other, by=alice)
    assert Contact.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_at_once_leave_one_and_lose_nothing() -> None:
    channel = make_channel(make_brand())
    alice = make_user("alice", channel.brand)
    one, other = make_visitor(channel, name="Carol"), make_visitor(channel, "carols-phone-000001")
    say(one, "one")
    say(other, "other")

    def merge(number: int) -> None:
        pair = (one.contact, other.contact) if number else (other.contact, one.contact)
        merge_customers(surviving=pair[0], discarded=pair[1], by=alice)
        connection.close()

    assert [type(error) for error in in_threads(2, merge)] == [InvalidContent]
    assert Conversation.objects.filter(contact=Contact.objects.get()).count() == 2


def test_a_plan_fills_what_is_missing_and_names_what_is_lost() -> None:
    one = Profile("", {"name": "Carol", "email": "c@x.test", "phone": "", "locale": "ko"}, {"size": "M", "tier": 1})
    other = Profile(
        "u-1", {"name": "carol", "email": "d@x.test", "phone": "1", "locale": "en"}, {"size": "L", "vip": True}
    )
    plan = plan_merge(one, other)
    assert not plan.is_refused
    assert (plan.fields, plan.properties) == ({"phone": "1"}, {"vip": True})
    assert plan.dropped == [("email", "d@x.test"), ("size", "L")]
    full = Profile("", one.fields, {"long": "x" * 4000})
    assert plan_merge(full, Profile("", other.fields, {"more": "y" * 200})).properties == {}


def test_the_dialog_says_what_happens_and_undoes(carol: Identity, phone: Identity, alice: User) -> None:
    page = Client(headers=HTMX)
    page.force_login(alice)
    address = reverse("conversations:merge_contact", args=[phone.contact.public_id])
    assert b"Nobody has the same email" in page.get(address).content
    found = page.get(address, {"q": "Carol"}, headers={"HX-Target": "merge-rows"})
    assert carol.contact.public_id.encode() in found.content
    assert page.post(address, {"with": "x"}).status_code == 422
    asked = page.post(address, {"with": carol.contact.public_id}).content.decode()
    assert "into Carol?" in asked and "1 conversation moves" in asked and "undone for 30 days" in asked
    other_way = page.post(address, {"with": carol.contact.public_id, "keep": phone.contact.public_id})
    assert b"<del>" not in other_way.content and b"Merge Carol into" in other_way.content
    sure = {"with": carol.contact.public_id, "keep": carol.contact.public_id, "sure": carol.contact.public_id}
    done = page.post(
        address, sure, headers={"HX-Current-URL": f"http://testserver/workspace/contacts/{phone.contact.public_id}/"}
    )
    assert done.headers["HX-Redirect"] == f"/workspace/contacts/{carol.contact.public_id}/"
    undo = json.loads(done.headers["HX-Trigger"])["told"]["undo"]
    panel = reverse("conversations:customer", args=[carol.contact.public_id])
    assert b"Merged customers" in page.get(panel).content
    assert page.post(undo).status_code == 204
    assert Contact.objects.count() == 2
    assert b"Merged customers" not in page.get(panel).content


def test_who_may_not_merge_is_not_offered_it(carol: Identity, phone: Identity) -> None:
    page = Client(headers=HTMX)
    page.force_login(make_user("rita", carol.channel.brand, role=Role.LIGHT))
    assert b"Merge with" not in page.get(reverse("conversations:customer", args=[carol.contact.public_id])).content
    body = {"with": phone.contact.public_id, "keep": carol.contact.public_id, "sure": carol.contact.public_id}
    address = reverse("conversations:merge_contact", args=[carol.contact.public_id])
    assert page.post(address, body).status_code == 403
    assert Contact.objects.count() == 2


def test_own_fields_are_taken_over_named_where_lost_and_given_back(
    carol: Identity, phone: Identity, alice: User
) -> None:
    set_contact_field_values(contact=carol.contact, changes={"plan": "Gold"}, by=SYSTEM)
    set_contact_field_values(contact=phone.contact, changes={"vat": "DE1"}, by=SYSTEM)
    assert foresee(surviving=carol.contact, discarded=phone.contact).plan.values == {}
    both = Contact.objects.in_bulk([carol.contact_id, phone.contact_id])
    surviving, discarded = both[carol.contact_id], both[phone.contact_id]
    foreseen = foresee(surviving=surviving, discarded=discarded)
    assert foreseen.plan.values == {"vat": "DE1"} and foreseen.may_undo
    merge = merge_customers(surviving=surviving, discarded=discarded, by=alice)
    assert Contact.objects.get().field_values == {"plan": "Gold", "vat": "DE1"}
    undo_merge(merge=merge, by=Actor.of_user(alice))
    assert sorted(Contact.objects.values_list("field_values", flat=True), key=str) == [
        {"plan": "Gold"},
        {"vat": "DE1"},
    ]
    again = Contact.objects.exclude(pk=surviving.pk).get()
    set_contact_field_values(contact=again, changes={"plan": "Free"}, by=SYSTEM)
    plan = foresee(surviving=Contact.objects.get(pk=surviving.pk), discarded=Contact.objects.get(pk=again.pk))
    assert ("plan", "Free") in plan.plan.dropped and not plan.may_undo
