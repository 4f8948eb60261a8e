"""From an ask to its reply: which draws are made, one after the other, and which of them counts.

Pure, and the same for a live run and for rows that are rebuilt from the journal alone: so the rows
of a run depend on nothing but the journal.
"""

from collections.abc import Generator
from dataclasses import replace

from crossthink_data.errors import SourceError
from crossthink_data.exchange import (
    Ask,
    Completion,
    Conversation,
    Outcome,
    Refusal,
    Reply,
    Request,
    request_key,
)
from crossthink_data.generate.journal import JournalReader

__all__ = ["DEFAULT_RESAMPLES", "MissingReply", "draws", "rebuild"]

DEFAULT_RESAMPLES = 3
_LONGEST_DETAIL = 400


class MissingReply(SourceError):
    """A reply that the journal does not hold: the run that asks for it has not ended."""


def draws(ask: Ask, resamples: int) -> Generator[Request, Reply, Reply]:
    """Yields the requests of an ask, is sent the reply to each, and returns the one that counts.

    A reply that ends for its length (`truncated`), that has no text (`empty_reply`) or that the
    ask's check refuses is drawn again, `resamples` times at most, each with a new `resample`; after
    the first truncated one with twice the tokens. Then the ask is refused with the last reason.
    """
    request = ask.request
    key, reason, text, raised = "", "", "", False
    for number in range(resamples + 1):
        if number:
            request = replace(request, resample=ask.request.resample + number)
        reply = yield request
        if isinstance(reply, Refusal):
            return reply
        reason = _fault(reply, ask)
        if not reason:
            return reply
        key, text = reply.key, reply.text
        if reason == "content_filter":
            break
        if reason == "truncated" and not raised:
            raised = True
            more = replace(request.sampling, max_tokens=2 * request.sampling.max_tokens)
            request = replace(request, sampling=more)
    return Refusal(key=key, reason=reason, detail=text[:_LONGEST_DETAIL])


def _fault(reply: Completion, ask: Ask) -> str:
    """Why the reply cannot be used, or ""."""
    if reply.finish_reason == "content_filter":
        return "content_filter"
    if reply.finish_reason == "length":
        return "truncated"
    if not reply.text.strip():
        return "empty_reply"
    return ask.check(reply)


def rebuild(
    conversation: Conversation,
    journal: JournalReader,
    *,
    model: str,
    seed: int = 0,
    epoch: int = 0,
    resamples: int = DEFAULT_RESAMPLES,
) -> Outcome:
    """The outcome of a conversation from the journal alone.

    `model`, `seed`, `epoch` and `resamples` as in the run that asked. MissingReply, with task and
    row, where the journal lacks a reply.
    """
    try:
        asks = next(conversation)
        while True:
            replies = tuple(_recorded(ask, journal, model, seed, epoch, resamples) for ask in asks)
            asks = conversation.send(replies)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


def _recorded(
    ask: Ask, journal: JournalReader, model: str, seed: int, epoch: int, resamples: int
) -> Reply:
    drawing = draws(ask, resamples)
    request = next(drawing)
    while True:
        key = request_key(request, model=model, seed=seed, epoch=epoch)
        entry = journal.get(key)
        if entry is None:
            raise MissingReply(
                f"{journal.folder}: no reply to {request.task} of row {request.row_id} (sample "
                f"{request.sample}, resample {request.resample}, key {key}) is in the journal; "
                f"run the same command with the server again: only what is missing is asked"
            )
        try:
            request = drawing.send(entry.reply())
        except StopIteration as stop:
            reply: Reply = stop.value
            return reply
