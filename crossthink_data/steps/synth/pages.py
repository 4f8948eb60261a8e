"""The items of a run to page through: what was asked, each raw reply, and what became of it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from crossthink_data.exchange import Ask, Completion, Conversation, Made, Outcome, Reply
from crossthink_data.generate.journal import JournalReader
from crossthink_data.generate.resolution import MissingReply, rebuild
from crossthink_data.steps.items import Item
from crossthink_data.steps.synth.folder import RunFolder

__all__ = ["ItemPage", "pages", "reasons_in"]

_RULE = "─" * 78


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item: its values in JSON, the reason of its reject (None for a question), its text."""

    values: dict[str, object]
    reason: str | None
    text: str


def pages(run: RunFolder, journal: JournalReader, reason: str | None = None) -> Iterator[ItemPage]:
    """The chosen items that were begun, in order of id; with `reason` those that ended so.

    Of items that were not asked about, those whose state is the reason.
    """
    for item in run.items:
        if item.state != "chosen":
            if item.state == reason:
                yield _unasked(item)
            continue
        page = _begun(run, journal, item)
        if page is not None and reason in (None, page.reason):
            yield page


def reasons_in(run: RunFolder, journal: JournalReader) -> Counter[str]:
    """How many items there are for each reason that `pages` takes."""
    counts = Counter({name: rows for name, rows in run.items.counts.items() if name != "chosen"})
    counts.update(page.reason for page in pages(run, journal) if page.reason is not None)
    return counts


def _unasked(item: Item) -> ItemPage:
    content = json.dumps(item.content, indent=2, ensure_ascii=False)
    values: dict[str, object] = {"item": item.id, "outcome": item.state, "content": item.content}
    text = f"{_RULE}\nitem {item.id}\n\n==> not asked about: {item.state}\n{content}"
    return ItemPage(values, item.state, text)


def _begun(run: RunFolder, journal: JournalReader, item: Item) -> ItemPage | None:
    talk: list[tuple[Ask, Reply]] = []
    try:
        outcome = rebuild(
            _overheard(run.kind.conversation(item), talk),
            journal,
            model=run.settings.model_name,
            seed=run.settings.seed,
            epoch=run.settings.epoch,
            resamples=run.settings.resamples,
        )
    except MissingReply:
        if not talk:
            return None
        outcome = None
    return _page(item, talk, outcome)


def _overheard(conversation: Conversation, talk: list[tuple[Ask, Reply]]) -> Conversation:
    """The same conversation, with what was asked and replied noted in `talk`."""
    try:
        asks = next(conversation)
        while True:
            replies = yield asks
            talk.extend(zip(asks, replies, strict=True))
            asks = conversation.send(replies)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


def _page(item: Item, talk: list[tuple[Ask, Reply]], outcome: Outcome | None) -> ItemPage:
    reason = None
    if outcome is None:
        ending, gist = "not finished: replies are missing", {"outcome": "unfinished"}
        reason = "unfinished"
    elif isinstance(outcome, Made):
        question = outcome.question
        options = "".join(
            f"\n  ({chr(65 + at)}) {option}" for at, option in enumerate(question.options or ())
        )
        checks = _indented(question.provenance)
        ending = (
            f"made a question ({question.subject})\n\n{question.question}{options}\n"
            f"gold: {question.answer_label or ''} {question.answer}\nprovenance:\n{checks}"
        )
        gist = {"outcome": "made", "id": question.id}
    else:
        reason = outcome.reason
        ending = (
            f"rejected: {outcome.reason}: {outcome.detail}\n"
            f"provenance:\n{_indented(outcome.provenance)}"
        )
        gist = {"outcome": "rejected", "reason": outcome.reason, "detail": outcome.detail}
    lines = [_RULE, f"item {item.id}", *_turns(talk), "", f"==> {ending}"]
    exchanges = [_exchange(ask, reply) for ask, reply in talk]
    return ItemPage({"item": item.id, **gist, "exchanges": exchanges}, reason, "\n".join(lines))


def _turns(talk: list[tuple[Ask, Reply]]) -> Iterator[str]:
    """Each prompt once, with all replies that were drawn for it."""
    shown = None
    for ask, reply in talk:
        request = ask.request
        if request.messages != shown:
            yield f"\n--- {request.task} (template {request.template[:12]})"
            for message in request.messages:
                yield f"[{message.role}]\n{message.content}"
            shown = request.messages
        if isinstance(reply, Completion):
            spent = f"{reply.prompt_tokens}+{reply.completion_tokens} tokens"
            yield f"[reply {request.sample}, {reply.model}, {spent}, key {reply.key}]"
            if reply.reasoning:
                yield f"(reasoning) {reply.reasoning}"
            yield reply.text
        else:
            yield f"[no reply {request.sample}: {reply.reason}] {reply.detail}"


def _exchange(ask: Ask, reply: Reply) -> dict[str, object]:
    request = ask.request
    asked = {
        "task": request.task,
        "sample": request.sample,
        "messages": [{"role": turn.role, "content": turn.content} for turn in request.messages],
        "key": reply.key,
    }
    if isinstance(reply, Completion):
        return asked | {"reply": reply.text, "reasoning": reply.reasoning, "model": reply.model}
    return asked | {"reply": None, "reason": reply.reason, "detail": reply.detail}


def _indented(provenance: str) -> str:
    return json.dumps(json.loads(provenance), indent=2, ensure_ascii=False)
