"""Syn-QA as a run: archives and documents to passages with a subject, passages to conversations."""

import heapq
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from crossthink_data import __version__
from crossthink_data.documents import (
    CleanDocuments,
    InputFile,
    clean_documents,
    documents_digest,
)
from crossthink_data.errors import RecipeError, SourceError, did_you_mean
from crossthink_data.exchange import Conversation, Request, digest_of
from crossthink_data.records import Document, stable_hash
from crossthink_data.steps.items import Item, ItemFile, write_items
from crossthink_data.steps.outputs import Progress
from crossthink_data.steps.synth.kinds import Prepared
from crossthink_data.steps.synth.settings import SynthSettings
from crossthink_data.synth.passages import Passage, passages
from crossthink_data.synth.prompting import load_prompt
from crossthink_data.synth.router import route, weights_digest
from crossthink_data.synth.subjects import QuotaChoice, group_of
from crossthink_data.synth.syn_qa import Route, SynQaPlan, conversation, item_id

__all__ = ["SynQa"]

_PROMPTS = ("syn_qa_mcq", "syn_qa_open", "syn_qa_vote")


class SynQa:
    """Kind `syn-qa`: a passage of a document, and the subject it is about, make an item."""

    source = "syn_qa"
    domain = "gpr"

    def __init__(self, settings: SynthSettings, prompts: Mapping[str, str]) -> None:
        for name in prompts:
            if name not in _PROMPTS:
                raise RecipeError(
                    f"prompts: {name} is no prompt of syn-qa; {did_you_mean(name, _PROMPTS)}"
                )
        for subject in settings.subjects or ():
            group_of(subject)
        self._settings = settings
        self._plan = SynQaPlan(
            question=settings.question,
            options=settings.options,
            votes=settings.votes,
            seed=settings.seed,
            mcq_prompt=load_prompt(_PROMPTS[0], prompts.get(_PROMPTS[0])),
            open_prompt=load_prompt(_PROMPTS[1], prompts.get(_PROMPTS[1])),
            vote_prompt=load_prompt(_PROMPTS[2], prompts.get(_PROMPTS[2])),
        )

    def digest(self) -> str:
        settings = self._settings
        choice = [
            settings.passages,
            settings.min_score,
            settings.per_subject,
            settings.limit,
            sorted(settings.subjects or ()),
            settings.seed if settings.per_subject or settings.limit else 0,
        ]
        documents = documents_digest(settings.inputs, settings.documents)
        return digest_of([__version__, "syn-qa", documents, weights_digest(), choice])

    def prepare(self, folder: Path, progress: Progress) -> Prepared:
        settings = self._settings
        documents = clean_documents(
            settings.inputs,
            settings.documents,
            folder,
            executor=settings.executor_of(),
            progress=progress,
        )
        _refuse_nothing(documents)
        account: dict[str, object] = {
            "inputs": [_described(file) for file in documents.inputs],
            "documents": documents.account,
        }
        return Prepared(self._chosen(documents, folder), account)

    def prompts(self) -> dict[str, str]:
        plan = self._plan
        return {prompt.name: prompt.digest for prompt in (plan.question_prompt, plan.vote_prompt)}

    def conversation(self, item: Item) -> Conversation:
        document, passage, found = _read(item)
        return conversation(document, passage, found, self._plan)

    def stand_in(self, item: Item, request: Request) -> str:
        if request.task != "syn_qa.question":
            right = re.search(r"^\(([A-Z])\) The first", request.messages[-1].content, re.MULTILINE)
            box = right[1] if right else "The first process"
            return "The passage settles it, step by step. " * 16 + f"\\boxed{{{box}}}"
        _, passage, found = _read(item)
        words = passage.text.split()
        made = {
            "reasoning": "The passage explains a principle that can be asked about. " * 6,
            "subject": found.subject or "miscellaneous",
            "question": "Which process turns the energy of sunlight into sugars within a leaf?",
            "options": [f"The {name} process" for name in _NAMES[: self._plan.options]],
            "answer": "The first process",
            "quote": " ".join(words[4:20]),
        }
        if self._plan.question == "open":
            del made["options"]
        return json.dumps(made)

    def provenance(self, item: Item) -> str:
        return json.dumps(item.content, ensure_ascii=False, sort_keys=True)

    def _chosen(self, documents: CleanDocuments, folder: Path) -> Iterator[Item]:
        """The passages with their states; quotas are settled when all of them are known."""
        settings = self._settings
        candidates = (item for document in documents for item in _passages(document, settings))
        if settings.per_subject is None and settings.limit is None:
            yield from candidates
            return
        with TemporaryDirectory(prefix=".candidates-", dir=folder) as scratch:
            file = write_items(Path(scratch) / "candidates.parquet", candidates, {})
            wanted = _within_quotas(file, settings)
            for item in file:
                if item.state == "chosen" and item.id not in wanted:
                    yield _left(item, "not_sampled")
                else:
                    yield item


_NAMES = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


def _described(file: InputFile) -> dict[str, object]:
    """An input for the ledger; one over 64 MB stands by size and time of change, not by content."""
    content = file.fingerprint.removeprefix("sha256:")
    known = {"sha256": content} if content != file.fingerprint else {"content": content}
    return {"path": file.where, **known, "bytes": file.size}


def _refuse_nothing(documents: CleanDocuments) -> None:
    """SourceError when no record of any file became a document: then nothing can be asked."""
    if len(documents):
        return
    reasons: Counter[str] = Counter()
    for account in documents.files:
        reasons.update(account.dropped)
    said = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    raise SourceError(
        f"no document is left of {sum(reasons.values()):,} records in {len(documents.files):,} "
        f"files: {said}; {documents.dropped} names each; wanted are texts of prose under text or "
        "content, or pages; see the keys of documents in: crossthink-data recipe show synth/syn_qa"
    )


def _passages(document: Document, settings: SynthSettings) -> Iterator[Item]:
    """The passages of a document; those of a wanted subject with the highest scores are chosen."""
    wanted = settings.subjects
    cut = passages(document.text)
    if not cut:
        # Too little prose to ask about: counted as one item, so that no document goes unseen.
        yield _left(_item(document, Passage("", 0, 0), Route()), "no_passage")
        return
    routed = [(passage, route(passage.text, least=settings.min_score)) for passage in cut]
    good = [
        (-found.score, passage.start)
        for passage, found in routed
        if found.subject is not None and (wanted is None or found.subject in wanted)
    ]
    taken = {start for _, start in heapq.nsmallest(settings.passages, good)}
    for passage, found in routed:
        item = _item(document, passage, Route(found.subject, found.score))
        if passage.start in taken:
            yield item
        elif found.subject is None:
            yield _left(item, "no_subject")
        else:
            yield _left(item, "not_sampled")


def _item(document: Document, passage: Passage, found: Route) -> Item:
    about = {name: value for name, value in asdict(document).items() if name != "text"}
    content = {"document": about, "passage": asdict(passage), "route": asdict(found)}
    return Item(item_id(document, passage), "chosen", content)


def _left(item: Item, state: str) -> Item:
    """The item as one that nothing is asked about; its text is not kept a second time."""
    content = dict(item.content)
    passage = content["passage"]
    assert isinstance(passage, dict)
    content["passage"] = {"start": passage["start"], "end": passage["end"]}
    return Item(item.id, state, content)


def _read(item: Item) -> tuple[Document, Passage, Route]:
    about, passage, found = (item.content[name] for name in ("document", "passage", "route"))
    assert isinstance(about, dict)
    assert isinstance(passage, dict)
    assert isinstance(found, dict)
    return Document(text="", **about), Passage(**passage), Route(**found)


def _within_quotas(items: ItemFile, settings: SynthSettings) -> set[str]:
    """Ids that stay under the quota of each subject and the limit; (seed, id) alone decide."""
    candidates: Iterator[str]
    if settings.per_subject is None:
        candidates = (item.id for item in items if item.state == "chosen")
    else:
        chooser = QuotaChoice(settings.per_subject, seed=settings.seed)
        for item in items:
            if item.state == "chosen":
                _, _, found = _read(item)
                assert found.subject is not None
                chooser.offer(item.id, found.subject)
        candidates = (item_id for ids in chooser.kept().values() for item_id in ids)
    if settings.limit is None:
        return set(candidates)
    seed = settings.seed
    return set(
        heapq.nsmallest(settings.limit, candidates, key=lambda id_: stable_hash(f"{seed}:{id_}"))
    )
