r"""Persona-MATH: a persona, a skill and a level become a problem, whose answer is put to the vote.

One reply writes the problem, k more solve it, and the answer that most of them box is the gold if
enough do (Ge et al. 2024 for the personas; the paper's PersonaSkill-MATH for the skills). Reasons
for a reject, in the order in which they are looked for:

    persona_missing, persona_too_long       before anything is asked
    the engine's own                        the model could not be asked, or no reply was usable
    truncated, no_json, bad_json, ...       the reply holds no problem (see `replies`)
    problem_missing ... not_mathematics     `PROBLEM_RULES`, in their order
    no_boxed_answer ... gold_not_gradable   `why_no_gold`, in its order

Solutions that were cut off or have no box are drawn again by the engine; what stays without one
casts no vote, and counts against the share all the same.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from crossthink_data.errors import RecipeError
from crossthink_data.exchange import (
    Ask,
    Completion,
    Conversation,
    Made,
    Outcome,
    Refusal,
    Rejected,
    Reply,
    Request,
)
from crossthink_data.records import Question
from crossthink_data.rewards.format import final_box
from crossthink_data.synth.answer_votes import Tally, count_votes, why_no_gold
from crossthink_data.synth.asked import Asked
from crossthink_data.synth.broken_text import writable
from crossthink_data.synth.problem_rules import bare_problem, has_title, why_no_problem
from crossthink_data.synth.prompting import Prompt, Rendered, load_prompt
from crossthink_data.synth.replies import Misread, after_thinking, read_reply
from crossthink_data.synth.skills import Level, Skill
from crossthink_data.synth.triples import Persona, Triple, persona_text, why_no_persona

__all__ = ["PersonaMathPlan", "conversation", "read_problem"]

_MOST_SOLUTIONS = 256
_NO_VOTE = ("truncated", "no_boxed_answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaMathPlan:
    """How Persona-MATH questions are made.

    `min_share` is the least part of the `solutions` asked for that must agree; it is counted over
    all of them, and more than half of the votes cast is wanted in any case. 0.6 is the smallest
    round share that is a clear majority whatever their number: five of eight, three of five, six of
    ten. Raising it gives fewer, safer and easier problems; the share is stored with each question,
    so that a cut can be made later. `seed` is the seed of the run.

    RecipeError for values that cannot be meant, and for more than one solution at temperature 0.
    """

    solutions: int = 8
    min_share: float = 0.6
    seed: int = 0
    problem_prompt: Prompt = field(default_factory=lambda: load_prompt("persona_math_problem"))
    solution_prompt: Prompt = field(default_factory=lambda: load_prompt("persona_math_solution"))

    def __post_init__(self) -> None:
        if not 1 <= self.solutions <= _MOST_SOLUTIONS:
            raise RecipeError(f"solutions is {self.solutions}; write 1 to {_MOST_SOLUTIONS}")
        if not 0 <= self.min_share <= 1:
            raise RecipeError(
                f"min_share is {self.min_share}; write a share from 0 to 1, as in 0.6"
            )
        if self.solutions > 1 and self.solution_prompt.sampling.temperature <= 0:
            raise RecipeError(
                f"prompt {self.solution_prompt.name}: {self.solutions} solutions at temperature 0 "
                "are one solution; give the prompt a temperature, as in 0.7"
            )


def conversation(
    persona: Persona, skill: Skill, level: Level, plan: PersonaMathPlan
) -> Conversation:
    """Asks for one problem, then for all solutions of it at once; gives a question or why not.

    The question has source `persona_math`, the skill's area and topic as its subject, and the
    winning spelling as its answer. Its provenance has `persona` (text and its own provenance),
    `licence` (that of the personas: Persona Hub's is non-commercial), `skill`, `level`, `prompts`,
    `models`, `requests`, `votes` and `checks`, as far as the conversation came.
    """
    triple = Triple(
        persona=persona_text(persona.text), provenance=persona.provenance, skill=skill, level=level
    )
    account = _Account(triple, plan)
    why = why_no_persona(triple.persona)
    if why:
        return account.rejected(why, triple.persona[:300])
    rendered = _problem_prompt(triple, plan)
    (reply,) = yield (_problem_ask(rendered, triple, plan),)
    account.asked.note("problem", plan.problem_prompt, rendered.sampling, "problem", (reply,))
    if isinstance(reply, Refusal):
        return account.rejected(reply.reason, reply.detail)
    problem = read_problem(reply, rendered.schema)
    if isinstance(problem, Misread):
        return account.rejected(problem.reason, problem.detail)
    account.problem = writable(problem)
    reason, detail = why_no_problem(problem)
    if reason:
        return account.rejected(reason, detail)
    account.checks.append("problem_rules")
    rendered = plan.solution_prompt.render(problem=problem)
    replies = yield _solution_asks(rendered, triple, plan)
    account.asked.note("solution", plan.solution_prompt, rendered.sampling, "solution", replies)
    return _voted(account, replies)


def read_problem(completion: Completion, schema: str | None) -> str | Misread:
    """The problem of a reply, without a leading `Math problem:`; or why it holds none.

    `truncated` when the reply was cut off, otherwise the reasons of `read_reply`. A reply that is
    no JSON but begins with that marker is taken as a whole.
    """
    if completion.finish_reason == "length":
        return Misread("truncated", completion.text[-300:])
    fields = read_reply(completion.text, schema)
    if not isinstance(fields, Misread):
        problem = fields.get("problem")
        if isinstance(problem, str):
            return bare_problem(problem)
        return Misread("bad_schema", f"problem is {problem!r}, not text"[:300])
    text = after_thinking(completion.text)
    is_marked = fields.reason == "no_json" and has_title(text)
    return bare_problem(text) if is_marked else fields


def _problem_prompt(triple: Triple, plan: PersonaMathPlan) -> Rendered:
    return plan.problem_prompt.render(
        persona=triple.persona,
        area=triple.skill.area,
        topic=triple.skill.topic,
        skill=triple.skill.name,
        level=triple.level.name,
        definition=triple.level.definition,
    )


def _problem_ask(rendered: Rendered, triple: Triple, plan: PersonaMathPlan) -> Ask:
    def check(completion: Completion) -> str:
        problem = read_problem(completion, rendered.schema)
        return problem.reason if isinstance(problem, Misread) else ""

    return Ask(_request("persona_math.problem", rendered, triple, plan.problem_prompt), check)


def _solution_asks(rendered: Rendered, triple: Triple, plan: PersonaMathPlan) -> tuple[Ask, ...]:
    return tuple(
        Ask(
            _request("persona_math.solution", rendered, triple, plan.solution_prompt, sample),
            _check_solution,
        )
        for sample in range(plan.solutions)
    )


def _request(
    task: str, rendered: Rendered, triple: Triple, prompt: Prompt, sample: int = 0
) -> Request:
    return Request(
        task=task,
        row_id=triple.id,
        messages=rendered.messages,
        sampling=rendered.sampling,
        schema=rendered.schema,
        template=prompt.digest,
        sample=sample,
    )


def _check_solution(completion: Completion) -> str:
    if completion.finish_reason == "length":
        return "truncated"
    return "" if final_box(completion.text) is not None else "no_boxed_answer"


def _vote(reply: Reply) -> str | None:
    """What a reply votes for; None for one that is cut off, has no box or never came."""
    if isinstance(reply, Refusal) or _check_solution(reply):
        return None
    answer = final_box(reply.text)
    return None if answer is None else writable(answer)


def _voted(account: "_Account", replies: tuple[Reply, ...]) -> Outcome:
    account.tally = tally = count_votes(map(_vote, replies), account.plan.solutions)
    refused = [reply for reply in replies if isinstance(reply, Refusal)]
    failed = [reply for reply in refused if reply.reason not in _NO_VOTE]
    min_share = Fraction(str(account.plan.min_share))
    reason, detail = why_no_gold(tally, min_share)
    largest = tally.classes[0][1] if tally.classes else 0
    if reason and failed and largest + len(failed) >= min_share * tally.asked:
        # Solutions that never came could have settled it: then the server is at fault.
        return account.rejected(failed[0].reason, failed[0].detail)
    if reason:
        return account.rejected(reason, detail)
    account.checks += ["majority", "gradable"]
    return Made(account.question(tally.answer))


@dataclass(slots=True)
class _Account:
    """What is known of an item so far: its provenance, and its question once there is one."""

    triple: Triple
    plan: PersonaMathPlan
    problem: str | None = None
    tally: Tally | None = None
    checks: list[str] = field(default_factory=list)
    asked: Asked = field(default_factory=Asked)

    def question(self, answer: str | None) -> Question:
        return Question(
            source="persona_math",
            domain="mr",
            question_type="open",
            answer_kind="math",
            question=self.problem or "",
            answer=answer,
            subject=self.triple.skill.subject,
            provenance=self.provenance(),
        )

    def rejected(self, reason: str, detail: str) -> Rejected:
        answer = None if self.tally is None else self.tally.answer
        question = None if self.problem is None else self.question(answer)
        subject = self.triple.skill.subject
        return Rejected(reason, writable(detail), self.provenance(), subject, question)

    def provenance(self) -> str:
        origin = _origin(self.triple.provenance)
        values: dict[str, object] = {
            "kind": "persona-math",
            "item": self.triple.id,
            "persona": {"text": self.triple.persona, "origin": origin},
            "licence": origin.get("licence"),
            "area": self.triple.skill.area,
            "topic": self.triple.skill.topic,
            "skill": self.triple.skill.name,
            "level": self.triple.level.name,
            "seed": self.plan.seed,
            "checks": self.checks,
            **self.asked.as_json(),
        }
        if self.tally is not None:
            values["votes"] = self.tally.as_json()
        text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return writable(text)


def _origin(provenance: str) -> Mapping[str, object]:
    """A persona's own provenance; what is no JSON object is kept as text."""
    try:
        value = json.loads(provenance)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"text": provenance}
