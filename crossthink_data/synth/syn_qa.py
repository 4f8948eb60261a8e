"""Syn-QA: a passage of a document becomes one verified question (paper section 2, Syn-QA).

A model writes the question, rules look at it, and the model answers it k times with the passage;
where the majority agrees with the key it answers k times without, and that rate tells how easy the
question is. The paper gives neither prompts nor checks: both are choices of this project, and each
row says which it came from. Reasons for a reject, in the order in which they are looked for:

    the engine's own                        the model could not be asked, or no reply was usable;
                                            of votes, where that is so of all of them
    truncated, no_json, bad_json, ...       the reply holds no question (see `replies`)
    declined, unknown_subject               the model found nothing to ask, or names another subject
    wrong_number_of_options ...             `CHECKS`, in their order
    unreadable_votes, no_majority,          the answers with the passage (see `ballots`)
    votes_disagree
"""

import json
from dataclasses import dataclass, field
from typing import Literal

from crossthink_data.errors import RecipeError
from crossthink_data.exchange import (
    Ask,
    Completion,
    Conversation,
    Made,
    Refusal,
    Rejected,
    Request,
    digest_of,
)
from crossthink_data.records import LABELS, Document, Question
from crossthink_data.synth.asked import Asked
from crossthink_data.synth.ballots import (
    Ballot,
    check_vote,
    count_ballot,
    why_failed,
    why_not_confirmed,
)
from crossthink_data.synth.broken_text import where_broken, writable
from crossthink_data.synth.checks import (
    CHECKS,
    Candidate,
    first_fault,
    named_option,
    unmarked,
    without_labels,
)
from crossthink_data.synth.passages import Passage
from crossthink_data.synth.prompting import Prompt, Rendered, load_prompt
from crossthink_data.synth.replies import Fields, Misread, read_reply
from crossthink_data.synth.subjects import SUBJECTS

__all__ = [
    "REASONS",
    "Route",
    "SynQaPlan",
    "conversation",
    "item_id",
    "shuffled",
]

FEWEST_OPTIONS, MOST_OPTIONS = 4, 10
_MOST_VOTES = 64
_DETAIL = 500

REASONS = (
    "truncated",
    "no_json",
    "bad_json",
    "reply_too_deep",
    "reply_too_long",
    "bad_schema",
    "declined",
    "unknown_subject",
    "broken_text",
    *(reason for reason, _ in CHECKS),
    "unreadable_votes",
    "no_majority",
    "votes_disagree",
)
"""Every reason of ours in the order in which they are looked for; a model that could not be asked
gives the engine's."""


@dataclass(frozen=True, slots=True)
class Route:
    """The subject that the router gives a passage, and how sure it is, from 0 to 1."""

    subject: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SynQaPlan:
    """How Syn-QA questions are made.

    `votes` is k: so many answers with the passage, and as many without. `subjects` are the names
    that the subject of a question may have. `mcq_prompt`, `open_prompt` and `vote_prompt` are the
    prompt files. `seed` is the seed of the run; it shuffles the options too.

    RecipeError for values that cannot be meant, and for more than one vote at temperature 0.
    """

    question: Literal["mcq", "open"] = "mcq"
    options: int = 4
    votes: int = 3
    max_words: int = 10
    seed: int = 0
    subjects: tuple[str, ...] = tuple(sorted(SUBJECTS))
    mcq_prompt: Prompt = field(default_factory=lambda: load_prompt("syn_qa_mcq"))
    open_prompt: Prompt = field(default_factory=lambda: load_prompt("syn_qa_open"))
    vote_prompt: Prompt = field(default_factory=lambda: load_prompt("syn_qa_vote"))

    def __post_init__(self) -> None:
        if self.question not in ("mcq", "open"):
            raise RecipeError(f"question is {self.question!r}; write mcq or open")
        if not FEWEST_OPTIONS <= self.options <= MOST_OPTIONS:
            raise RecipeError(
                f"options is {self.options}; write {FEWEST_OPTIONS} to {MOST_OPTIONS}"
            )
        if not 1 <= self.votes <= _MOST_VOTES:
            raise RecipeError(f"votes is {self.votes}; write 1 to {_MOST_VOTES}")
        if self.max_words < 1:
            raise RecipeError(f"max_words is {self.max_words}; write 1 or more, as in 10")
        if not self.subjects:
            raise RecipeError("subjects is empty; name the subjects that a question may have")
        if self.votes > 1 and self.vote_prompt.sampling.temperature <= 0:
            raise RecipeError(
                f"prompt {self.vote_prompt.name}: {self.votes} votes at temperature 0 are one "
                "vote; give the prompt a temperature, as in 0.7"
            )

    @property
    def question_prompt(self) -> Prompt:
        """The prompt that asks for a question."""
        return self.mcq_prompt if self.question == "mcq" else self.open_prompt


def item_id(document: Document, passage: Passage) -> str:
    """32 hex digits: the identity of a passage, from the text of its document and its place."""
    return digest_of([document.id, passage.start, passage.end])


def conversation(
    document: Document, passage: Passage, route: Route, plan: SynQaPlan
) -> Conversation:
    """Asks for one question, then for k answers with the passage, then for k without.

    Gives the question, with source `syn_qa`, the subject that the generator named and shuffled
    options; or why not. Its provenance has the document (`file`, `record`, `url`,
    `date`, `text_digest`, `licence`), the place of the passage, `route`, `seed`, `prompts` with
    their sampling, `models`, the keys of `requests`, `checks` passed, the `quote` and the `votes`,
    as far as the conversation came. The text of `document` is not read: the passage has its own.
    """
    account = _Account(document, passage, route, plan)
    rendered = _question_prompt(passage, route, plan)
    (reply,) = yield (_question_ask(rendered, account),)
    account.asked.note("question", plan.question_prompt, rendered.sampling, "question", (reply,))
    if isinstance(reply, Refusal):
        return account.rejected(reply.reason, reply.detail)
    reason, detail = account.read(reply, rendered.schema)
    if reason:
        return account.rejected(reason, detail)
    for name in ("with_passage", "without_passage"):
        text = passage.text if name == "with_passage" else ""
        rendered = _vote_prompt(account, text)
        replies = yield _vote_asks(rendered, account, name)
        account.asked.note("vote", plan.vote_prompt, rendered.sampling, name, replies)
        account.ballots[name] = ballot = count_ballot(replies, account.key, account.options)
        if name == "with_passage":
            reason, detail = why_not_confirmed(ballot)
            failure = next((why for reply in replies if (why := why_failed(reply))), None)
            if reason and failure and 2 * (ballot.right + ballot.failed) > len(replies):
                # Votes that never came could have confirmed it: then the server is at fault.
                return account.rejected(failure.reason, failure.detail)
            if reason:
                return account.rejected(reason, detail)
            account.checks.append("majority")
    return Made(account.question())


def shuffled(question: str, options: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """The options in an order that depends on the seed, the question and their texts alone.

    Generators put the right option first far too often; each order is as likely as any other here,
    and the order that the generator chose plays no part.
    """
    return tuple(sorted(options, key=lambda option: digest_of([seed, question, option])))


def _question_prompt(passage: Passage, route: Route, plan: SynQaPlan) -> Rendered:
    return plan.question_prompt.render(
        passage=passage.text,
        subject=route.subject or "",
        subjects=list(plan.subjects),
        count=plan.options,
        letters=list(LABELS),
        max_words=plan.max_words,
    )


def _vote_prompt(account: "_Account", passage: str) -> Rendered:
    return account.plan.vote_prompt.render(
        passage=passage,
        question=account.stem,
        options=list(account.options),
        letters=list(LABELS),
        max_words=account.plan.max_words,
    )


def _question_ask(rendered: Rendered, account: "_Account") -> Ask:
    def check(completion: Completion) -> str:
        fields = _fields(completion, rendered.schema)
        return fields.reason if isinstance(fields, Misread) else ""

    request = _request("syn_qa.question", rendered, account, account.plan.question_prompt)
    return Ask(request, check)


def _vote_asks(rendered: Rendered, account: "_Account", name: str) -> tuple[Ask, ...]:
    prompt = account.plan.vote_prompt
    return tuple(
        Ask(_request(f"syn_qa.{name}", rendered, account, prompt, sample), check_vote)
        for sample in range(account.plan.votes)
    )


def _request(
    task: str, rendered: Rendered, account: "_Account", prompt: Prompt, sample: int = 0
) -> Request:
    return Request(
        task=task,
        row_id=account.item,
        messages=rendered.messages,
        sampling=rendered.sampling,
        schema=rendered.schema,
        template=prompt.digest,
        sample=sample,
    )


def _fields(completion: Completion, schema: str | None) -> Fields | Misread:
    if completion.finish_reason == "length":
        return Misread("truncated", completion.text[-_DETAIL:])
    return read_reply(completion.text, schema)


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    value = fields.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(" ".join(text.split()) for text in value if isinstance(text, str))


def _subject(named: str, subjects: tuple[str, ...]) -> str | None:
    """The subject as it is written among `subjects`; None for one that is not there."""
    plain = named.strip().lower().replace(" ", "_").replace("-", "_")
    return plain if plain in subjects else None


class _Account:
    """What is known of an item so far: its question once there is one, and its provenance."""

    def __init__(self, document: Document, passage: Passage, route: Route, plan: SynQaPlan) -> None:
        self.document, self.passage, self.route, self.plan = document, passage, route, plan
        self.item = item_id(document, passage)
        self.stem = self.answer = self.quote = ""
        self.options: tuple[str, ...] = ()
        self.gold: int | None = None
        self.subject: str | None = None
        self.checks: list[str] = []
        self.ballots: dict[str, Ballot] = {}
        self.asked = Asked()

    @property
    def key(self) -> str:
        """What a right vote says: the letter, or the answer of an open question."""
        return self.answer if self.gold is None else LABELS[self.gold]

    def read(self, completion: Completion, schema: str | None) -> tuple[str, str]:
        """Take the question of a reply; the reason why not and the offending text, "" for good."""
        fields = _fields(completion, schema)
        if isinstance(fields, Misread):
            return fields.reason, fields.detail
        # A prompt of one's own may leave the subject to the router.
        named = _text(fields, "subject") if "subject" in fields else self.route.subject or "?"
        told = _text(fields, "question"), _text(fields, "answer"), _text(fields, "quote")
        listed = _texts(fields, "options")
        broken = next(filter(None, map(where_broken, (*told, *listed))), "")
        stem, answer, self.quote = map(writable, told)
        self.stem, self.answer = stem, unmarked(answer)
        options = tuple(map(unmarked, without_labels(tuple(map(writable, listed)))))
        if named.lower() in ("", "none") or not (self.stem or options or self.answer):
            return "declined", _text(fields, "reasoning")[:_DETAIL]
        self.subject = _subject(named, self.plan.subjects)
        if self.plan.question == "mcq":
            gold = named_option(self.answer, options)
            right = None if gold is None else options[gold]
            self.options = shuffled(self.stem, options, self.plan.seed)
            self.gold = None if right is None else self.options.index(right)
            self.answer = self.answer if right is None else right
        if self.subject is None:
            return "unknown_subject", named[:_DETAIL]
        if broken:
            return "broken_text", broken
        reason, detail, passed = first_fault(self._candidate())
        self.checks.extend(passed)
        return reason, detail[:_DETAIL]

    def _candidate(self) -> Candidate:
        return Candidate(
            question_type=self.plan.question,
            question=self.stem,
            answer=self.answer,
            quote=self.quote,
            passage=self.passage.text,
            options=self.options,
            gold=self.gold,
            count=self.plan.options,
            max_words=self.plan.max_words,
        )

    def question(self) -> Question:
        """The question as it stands."""
        is_mcq = self.plan.question == "mcq"
        return Question(
            source="syn_qa",
            domain="gpr",
            question_type=self.plan.question,
            answer_kind="mcq" if is_mcq else "short_open",
            subject=self.subject,
            question=self.stem,
            options=self.options if is_mcq else None,
            answer=self.answer or None,
            answer_label=None if self.gold is None else LABELS[self.gold],
            provenance=self.provenance(),
        )

    def rejected(self, reason: str, detail: str) -> Rejected:
        """The reject, with the question as far as it came."""
        question = self.question() if self.stem else None
        return Rejected(reason, writable(detail), self.provenance(), self.subject, question)

    def provenance(self) -> str:
        """Where the question came from and what was done to it, as one JSON object."""
        document, route = self.document, self.route
        values: dict[str, object] = {
            "kind": "syn-qa",
            "item": self.item,
            "file": document.file,
            "record": document.record,
            "url": document.url,
            "date": document.date,
            "text_digest": document.id,
            "passage": [self.passage.start, self.passage.end],
            "licence": document.licence,
            "route": {"subject": route.subject, "score": route.score},
            "seed": self.plan.seed,
            "checks": self.checks,
            **self.asked.as_json(),
        }
        if self.quote:
            values["quote"] = self.quote
        if self.ballots:
            values["votes"] = {name: ballot.as_json() for name, ballot in self.ballots.items()}
        text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return writable(text)
