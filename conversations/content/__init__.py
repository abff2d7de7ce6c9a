"""What a message may hold: validated here, once, for every way in."""

from conversations.content.answers import check_answers
from conversations.content.parse import Writer, parse_content
from conversations.content.text import plain_text

__all__ = ["Writer", "check_answers", "parse_content", "plain_text"]
