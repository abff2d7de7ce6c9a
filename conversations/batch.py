"""What is asked once for all the facts that a reader of the log takes in together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers of this batch", default=None)


@contextmanager
def one_batch() -> Iterator[None]:
    """Take in the facts of one batch: what an admin sets meanwhile is for those that come after it."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once_a_batch(question: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Have a question of what an admin set up asked once in a batch, and each time outside one.

    Its arguments can be hashed and come by their place; its answer is not to be changed.
    """

    @wraps(question)
    def ask(*asked: Asked.args, **named: Asked.kwargs) -> Answer:
        answers = _answers.get()
        if answers is None:
            return question(*asked, **named)
        key = (question, asked)
        if key not in answers:
            answers[key] = question(*asked, **named)
        answer: Answer = answers[key]
        return answer

    return ask
