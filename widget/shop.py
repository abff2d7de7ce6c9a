"""What the demo shop has on its shelves: invented goods, in both languages."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHELVES: dict[str, Promise | str] = {
    "tents": _("Tents"),
    "picnic": _("Picnic"),
    "kitchen": _("Kitchen"),
    "lights": _("Lights"),
    "repair": _("Repair"),
}


@dataclass(frozen=True)
class Goods:
    """One thing to buy. `price` is in won; its picture is templates/demo/art/<slug>.html."""

    slug: str
    shelf: str
    name: Promise | str
    line: Promise | str
    story: Promise | str
    price: int
    comes_today: bool = False

    @property
    def art(self) -> str:
        return f"demo/art/{self.slug}.html"


CATALOGUE = (
    Goods(
        "haneul-tent",
        "tents",
        _("Haneul tent"),
        _("2 person, 2.1 kg"),
        _(
            "Stands in four minutes, with one pole set and no ropes. Waterproof to 3,000 mm, sewn in Seongsu."
            " A pole that breaks is replaced free."
        ),
        248000,
        comes_today=True,
    ),
    Goods(
        "willow-basket",
        "picnic",
        _("Willow basket"),
        _("For four, with cloth"),
        _("Woven by hand from Korean willow, with plates, glasses and a cotton cloth for four."),
        89000,
    ),
    Goods(
        "dal-lantern",
        "lights",
        _("Dal lantern"),
        _("12 hours, USB-C"),
        _("Warm light like a full moon. Dims in five steps, and charges a phone if it must."),
        54000,
        comes_today=True,
    ),
    Goods(
        "soft-mat",
        "picnic",
        _("Soft mat"),
        _("140 × 200, waterproof"),
        _("Soft above, waterproof below. Rolls up to the size of a bottle and goes into the machine at 30°."),
        42000,
    ),
    Goods(
        "low-chair",
        "picnic",
        _("Low chair"),
        _("Ash wood, 1.8 kg"),
        _("Ash and canvas, low enough to keep your feet on the grass. Bears 120 kg."),
        118000,
    ),
    Goods(
        "enamel-mug",
        "kitchen",
        _("Enamel mug"),
        _("300 ml, four colours"),
        _("Enamelled steel that may stand in the fire. Safe in the dishwasher, top rack."),
        16000,
        comes_today=True,
    ),
    Goods(
        "ice-box",
        "kitchen",
        _("Ice box"),
        _("18 l, keeps 36 hours"),
        _("Holds twelve bottles and ice for a day and a half. The lid is a tray."),
        76000,
    ),
    Goods(
        "pole-set",
        "repair",
        _("Pole set"),
        _("Spare part, Haneul"),
        _("Three aluminium poles for the Haneul tent. Within 30 days of buying the tent they are free: ask us."),
        22000,
    ),
)


def find(slug: str) -> Goods | None:
    """Give the goods of an address."""
    return next((goods for goods in CATALOGUE if goods.slug == slug), None)


def on_shelf(shelf: str) -> tuple[Goods, ...]:
    """Give the goods of one shelf."""
    return tuple(goods for goods in CATALOGUE if goods.shelf == shelf)
