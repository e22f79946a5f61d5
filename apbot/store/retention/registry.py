"""The whole policy, in the order in which things go: what refers to something goes before it."""

from apbot.store.retention import chat, log, records
from apbot.store.retention.model import Kind

KINDS: tuple[Kind, ...] = (*chat.KINDS, *records.KINDS, *log.KINDS)
