"""How the log says what a change of routing's own settings changed: conditions, steps and texts, in words."""

from collections.abc import Callable
from typing import Any

from conversations.changes import say
from routing.decide.conditions import read, words
from routing.decide.step_words import words as step_words
from routing.decide.steps import Step, read_steps
from routing.models import Macro, Queue, Rule, SkillRule, SlaPolicy, View
from routing.queries.facts import fields_of
from routing.queries.rules import known_of


def _conditions(row: Any) -> Callable[[Any], str]:
    fields = fields_of(row.brand_id)
    return lambda value: words(read(value, fields))


def _steps(row: Any) -> Callable[[Any], str]:
    known = known_of(row.brand_id)

    def said(step: Step) -> str:
        text = step_words(step, known)
        return text if not step.text or step.text in text else f"{text}: {step.text}"

    return lambda value: "; ".join(map(said, read_steps(value))) or "–"


for model in (Queue, SkillRule, SlaPolicy, Rule, View):
    say(model, "conditions", _conditions)
say(Rule, "steps", _steps)
say(Macro, "steps", _steps)
say(Macro, "text", lambda _row: str)
