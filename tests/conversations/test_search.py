import pytest
from django.utils import translation

from conversations.models import Contact
from conversations.queries import Viewer, search, viewer_of
from conversations.search import terms
from tests.factories import make_brand, make_channel, make_user, make_visitor, say


def test_terms_are_pairs_of_hangul_and_whole_words() -> None:
    assert terms("환불요청 Tent-2") == "환불 불요 요청 청 tent 2"


def test_terms_join_decomposed_hangul() -> None:
    assert terms("\u1112\u1161\u11ab글") == terms("한글")


@pytest.fixture
def alice(db: None) -> Viewer:
    brand, other = make_brand("sopoong"), make_brand("other")
    carol = make_visitor(make_channel(brand), name="김하늘", terms=terms("김하늘"))
    for text in ("텐트 환불요청합니다", "The tent pole is bent", "환영해요"):
        say(carol, text)
    dave = make_visitor(make_channel(other), "daves-browser-0001")
    say(dave, "환불 tent of another brand")
    return viewer_of(make_user("alice", brand))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("환불", ["텐트 환불요청합니다"]),
        ("불요청", ["텐트 환불요청합니다"]),
        ("환", ["환영해요", "텐트 환불요청합니다"]),
        ("ten pole", ["The tent pole is bent"]),
        ("TENT", ["The tent pole is bent"]),
        ("환불 pole", []),
        ('" OR *', []),
        ("'); --", []),
    ],
)
def test_search_finds_parts_of_words_in_own_brand_only(alice: Viewer, words: str, found: list[str]) -> None:
    assert [message.content["text"] for message in search(alice, words).messages] == found


def test_search_finds_contact_by_part_of_name(alice: Viewer) -> None:
    assert [contact.name for contact in search(alice, "하늘").contacts] == ["김하늘"]


def test_search_goes_on_in_older_rows_newest_first(alice: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = [message.pk for message in search(alice, "t").messages]
    monkeypatch.setattr("conversations.queries.finding.RECENT_ROWS", 2)
    carol = Contact.objects.get(name="김하늘")
    for n in range(5):
        say(carol.identities.get(), f"tent {n}")
    found = [message.content["text"] for message in search(alice, "tent", limit=4).messages]
    assert found == ["tent 4", "tent 3", "tent 2", "tent 1"]
    assert {message.pk for message in search(alice, "t").messages} > set(everything)


@pytest.mark.parametrize("wish", ["{0}", "{1}", "Visitor {0}", "visitor {1}", "방문자 {0}"])
def test_visitor_is_found_by_the_number_on_the_screen(alice: Viewer, wish: str) -> None:
    nobody = Contact.objects.get(brand__slug="other")
    Contact.objects.filter(pk=nobody.pk).update(public_id="f" * 18 + "0785b3")
    own = make_visitor(make_channel(nobody.brand), "newer-browser-0001").contact
    Contact.objects.filter(pk=own.pk).update(brand=min(alice.places), public_id="e" * 18 + "0785b3")
    with translation.override("ko" if wish.startswith("방문자") else "en"):
        words = wish.format("0785b3", "0785")
        assert [each.pk for each in search(alice, words).contacts] == [own.pk]
    Contact.objects.filter(pk=own.pk).update(name="Dave")
    assert not search(alice, "0785b3").contacts
