"""Which lanes are one line for whoever stands in them. Pure decisions."""

from collections.abc import Mapping


def rivals(agents: Mapping[int, frozenset[int] | None]) -> dict[int, frozenset[int]]:
    """Give of each lane the lanes that somebody who can take its work can take work of too, itself among them.

    `agents` says who can take a lane's work; None means everybody.
    """
    return {
        lane: frozenset({lane, *(other for other, others in agents.items() if _share(own, others))})
        for lane, own in agents.items()
    }


def _share(own: frozenset[int] | None, others: frozenset[int] | None) -> bool:
    if own is None:
        return others is None or bool(others)
    return bool(own) if others is None else bool(own & others)
