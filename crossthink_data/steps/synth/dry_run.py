"""`synth --dry-run`: the prompts of a few items, and what all of them would cost; calls nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crossthink_data.exchange import Completion, Conversation, Request
from crossthink_data.ledger import Report, Table
from crossthink_data.steps.asking import Price
from crossthink_data.steps.items import Item
from crossthink_data.steps.outputs import Progress, check_place, silent
from crossthink_data.steps.synth.folder import RunFolder, locked
from crossthink_data.steps.synth.kinds import Kind
from crossthink_data.steps.synth.settings import SynthSettings

__all__ = ["dry_run"]

_SHOWN = 3
_MEASURED = 200
_CHARACTERS_PER_TOKEN = 4.0

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request and the tokens that it and a usual reply have."""

    request: Request
    prompt_tokens: int
    reply_tokens: int


def dry_run(settings: SynthSettings, progress: Progress = silent) -> Report:
    """Prompts of the first items with their tokens, and an estimate for all; nothing is asked.

    Documents are read and routed as a run would, and kept for it. What follows the first reply is
    told by a made-up one of usual length, so the estimate is that of items which pass every check.
    """
    check_place(settings.out, [Path(name) for name in settings.inputs])
    count, how = _counter(settings.tokenizer)
    with locked(settings.folder):
        run = RunFolder.prepare(settings, progress, record=False)
    chosen = (item for item in run.items if item.state == "chosen")
    asked = [_walk(run.kind, item, count) for item in islice(chosen, _MEASURED)]
    estimate = _estimate(asked, run.items.chosen, settings.price)
    texts = [_shown(one) for talk in asked[:_SHOWN] for one in _one_of_each_task(talk)]
    return Report(
        verb="synth --dry-run",
        result={
            "items": dict(run.items.counts),
            **estimate,
            "tokens_counted_by": how,
            "prompts": [_as_json(one) for talk in asked[:_SHOWN] for one in talk],
        },
        tables=(_table(estimate, settings.price),),
        notes=(
            f"{run.items.chosen:,} items would be asked about; tokens {how}; replies are taken to "
            "be of usual length; nothing was called",
        ),
        texts=tuple(texts),
    )


def _walk(kind: Kind, item: Item, count: CountTokens) -> list[_Asked]:
    """The requests of one item on the road where every reply is a good one."""
    conversation: Conversation = kind.conversation(item)
    asked: list[_Asked] = []
    try:
        asks = next(conversation)
        while True:
            replies = []
            for ask in asks:
                text = kind.stand_in(item, ask.request)
                prompt = "\n".join(message.content for message in ask.request.messages)
                asked.append(_Asked(ask.request, count(prompt), count(text)))
                replies.append(Completion(key="", text=text, model="stand-in"))
            asks = conversation.send(tuple(replies))
    except StopIteration:
        return asked


def _estimate(asked: list[list[_Asked]], items: int, price: Price | None) -> dict[str, object]:
    """Requests and tokens of all items, from the mean of those measured."""
    measured = len(asked) or 1
    flat = [one for talk in asked for one in talk]
    scale = items / measured
    prompt = round(scale * sum(one.prompt_tokens for one in flat))
    completion = round(scale * sum(one.reply_tokens for one in flat))
    most = round(scale * sum(one.request.sampling.max_tokens for one in flat))
    made: dict[str, object] = {
        "items_measured": len(asked),
        "requests": round(scale * len(flat)),
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "most_completion_tokens": most,
    }
    if price is not None:
        made["cost"] = round((prompt * price.prompt + completion * price.completion) / 1e6, 4)
        made["most_cost"] = round((prompt * price.prompt + most * price.completion) / 1e6, 4)
    return made


def _table(estimate: dict[str, object], price: Price | None) -> Table:
    rows = [
        (name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
        for name, value in estimate.items()
    ]
    if price is None:
        rows.append(("cost", "give a price in the recipe: {prompt: 0.1, completion: 0.4}"))
    return Table("synth --dry-run: estimate", ("what", "about"), tuple(rows))


def _one_of_each_task(talk: list[_Asked]) -> list[_Asked]:
    return list({one.request.task: one for one in reversed(talk)}.values())[::-1]


def _shown(one: _Asked) -> str:
    request = one.request
    head = (
        f"{'─' * 78}\n{request.task}  item {request.row_id}  about {one.prompt_tokens:,} tokens, "
        f"temperature {request.sampling.temperature:g}, at most "
        f"{request.sampling.max_tokens:,} tokens back"
    )
    turns = [f"[{message.role}]\n{message.content}" for message in request.messages]
    schema = [f"[schema]\n{request.schema}"] if request.schema else []
    return "\n".join((head, "", *turns, *schema, ""))


def _as_json(one: _Asked) -> dict[str, object]:
    request = one.request
    return {
        "task": request.task,
        "item": request.row_id,
        "sample": request.sample,
        "messages": [{"role": turn.role, "content": turn.content} for turn in request.messages],
        "prompt_tokens": one.prompt_tokens,
    }


def _counter(tokenizer: Path | None) -> tuple[CountTokens, str]:
    """How tokens are counted, and how that is said."""
    if tokenizer is None:
        return (
            lambda text: round(len(text) / _CHARACTERS_PER_TOKEN),
            f"estimated at {_CHARACTERS_PER_TOKEN:g} characters each (tokenizer: FILE counts them)",
        )
    from crossthink_data.generate.tokenizer import load_tokenizer

    return load_tokenizer(tokenizer), f"counted by {tokenizer.name}"
