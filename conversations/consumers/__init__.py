from conversations.consumers.agent import AgentSocket
from conversations.consumers.client import ClientSocket

__all__ = ["AgentSocket", "ClientSocket"]
