r"""R = R_acc AND R_format: the verifiable reward of the paper (section 2), rule by rule.

Standard library only: this is loaded in every worker of a trainer. Nothing here executes, hangs on
or crashes on model text: budgets count steps, never seconds, and the same input gives the same
verdict in every process and thread. The files, from the door inwards:

    format                                   the gate: one think block, then boxes that agree
    choice labels                            multiple choice: a grammar of labels and texts
    short_open text variants amounts units   short answers: tokens in order, amounts exactly
      numerals text_tables unit_tables word_tables
    mathematics                              mathematical answers, in three layers:
      readings lexer notation                  text to tokens
        expression primaries brackets calls      tokens to a tree of nodes
        algebra angles quantities nodes          rationals folded, units kept
      equality shapes equations real_sets      two trees compared, shape by shape
      scalars residues                         values: fingerprints modulo a prime, then
        enclosure values functions               enclosures at rising precision
        intervals series
    exact math_verify                        the paper's string match; the library, in a child
    rows                                     what rows of other people's datasets mean
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from numbers import Number, Rational
from typing import Literal

from crossthink_data.rewards.choice import compile_choice
from crossthink_data.rewards.exact import compile_exact
from crossthink_data.rewards.format import (
    THINK_MODES,
    Reading,
    Think,
    final_box,
    read_completion,
)
from crossthink_data.rewards.mathematics import compile_math
from crossthink_data.rewards.short_open import compile_short_open
from crossthink_data.rewards.verdict import RIGHT, Judge, Verdict

__all__ = ["CompiledGold", "Verdict", "compile_gold", "explain", "reward"]

AnswerKind = Literal["mcq", "short_open", "math"]
Equality = Literal["equivalent", "exact", "math_verify"]
_EQUALITIES: tuple[Equality, ...] = ("equivalent", "exact", "math_verify")

Compiler = Callable[[str, tuple[str, ...] | None], Judge]

KINDS: dict[str, Compiler] = {
    "mcq": compile_choice,
    "short_open": compile_short_open,
    "math": compile_math,
}
"""Answer kind -> what compiles a gold of that kind, given its options."""

_MOST_GOLDS = 8192
_PASSING = ("acc:over_time", "acc:math_verify_failed")  # another moment, another verdict
_MOST_DISTINCT_BOXES = 8
_MOST_BITS = 2000
_MOST_VERDICTS = 256
_LONGEST_KEPT = 512


class CompiledGold:
    """A gold read once: judges many answers, and remembers the latest (rollouts repeat theirs)."""

    __slots__ = ("_judge", "_known", "kind", "text")

    def __init__(self, text: str, kind: str, judge: Judge) -> None:
        self.text = text
        self.kind = kind
        self._judge = judge
        self._known: dict[str, str] = {}

    def judge(self, answer: object) -> str:
        """Empty when `answer`, the content of a box, means the gold; else a reason `acc:...`."""
        if not isinstance(answer, str):
            return "acc:no_answer"
        reason = self._known.get(answer)
        if reason is None:
            reason = self._judge.judge(answer)
            if len(answer) <= _LONGEST_KEPT and reason not in _PASSING:
                if len(self._known) >= _MOST_VERDICTS:
                    self._known.clear()
                self._known[answer] = reason
        return reason


class _Ungradable:
    """What stands for a gold that no answer can mean."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def judge(self, answer: str) -> str:
        return self._reason


def reward(
    completion: object,
    gold: object,
    *,
    kind: str,
    options: Iterable[object] | None = None,
    think: Think = "required",
    equality: Equality = "equivalent",
) -> float:
    r"""1.0 when the completion has the right format and its boxed answer means the gold, else 0.0.

    `kind` is a row's answer_kind: mcq, short_open or math. `options` are an mcq row's, in order;
    with them an answer may also be an option's text. `think` is `required`, `prefilled` (the chat
    template opened the block) or `ignored`. `equality` is `equivalent`, `exact` (the paper's string
    match after trimming) or `math_verify` (the library, in a child process). Completions and golds
    of any type give a score; ValueError only for a kind, mode or equality that does not exist.

    >>> reward(r"<think>...</think> \boxed{\frac{1}{2}}", "0.5", kind="math")
    1.0
    >>> reward(r"<think>...</think> \boxed{D. Rome}", "C", kind="mcq")
    0.0
    """
    compiled = compile_gold(gold, kind=kind, options=options, equality=equality)
    if think not in THINK_MODES:
        raise _unknown("think", think, THINK_MODES)
    if not isinstance(completion, str):
        return 0.0
    reason, answers = read_completion(completion, think)
    if reason:
        return 0.0
    if len(answers) == 1:
        return 0.0 if compiled.judge(answers[0]) else 1.0
    distinct = dict.fromkeys(answers)
    if len(distinct) > _MOST_DISTINCT_BOXES or any(map(compiled.judge, distinct)):
        return 0.0
    return 1.0


def explain(
    completion: object,
    gold: object,
    *,
    kind: str,
    options: Iterable[object] | None = None,
    think: Think = "required",
    equality: Equality = "equivalent",
) -> Verdict:
    r"""The score of `reward`, which takes the same arguments, with its parts and its reason.

    >>> explain(r"<think>...</think> \boxed{C or D}", "C", kind="mcq").reason
    'acc:several_labels'
    >>> explain("The answer is C.", "C", kind="mcq").reason
    'format:no_think'
    """
    texts = None if options is None else _option_texts(options)
    compiled = compile_gold(gold, kind=kind, options=texts, equality=equality)
    if think not in THINK_MODES:
        raise _unknown("think", think, THINK_MODES)
    if not isinstance(completion, str):
        return Verdict(0.0, False, False, None, "format:not_text")
    reading = _agreeing(read_completion(completion, think), compiled, texts, equality)
    format_reason, answers = reading
    answer = answers[-1] if answers else final_box(completion)
    accuracy_reason = "acc:no_answer" if answer is None else compiled.judge(answer)
    reason = format_reason or accuracy_reason
    correct = accuracy_reason == RIGHT
    return Verdict(float(reason == RIGHT), correct, not format_reason, answer, reason)


def _agreeing(
    reading: Reading, gold: CompiledGold, options: tuple[str, ...] | None, equality: str
) -> Reading:
    """The reading, wrong in format where its boxes do not say the same: that is hedging.

    `equality` decides that too.
    """
    if len(reading.answers) < 2:
        return reading
    first, *others = dict.fromkeys(reading.answers)
    if not others:
        return reading
    if len(others) >= _MOST_DISTINCT_BOXES:
        return Reading("format:too_many_boxes", reading.answers)
    # The first against the rest, and no further than the first that says something else. Not
    # through the cache of golds, where the answers of a model would push golds out.
    is_right = gold.judge(first) == RIGHT
    same = gold if is_right else _judge(first, gold.kind, options, equality)
    agree = all(same.judge(answer) == RIGHT for answer in others)
    # What a wrong box allows may still be right: without options "(C) Venus" and "Venus".
    if agree and (is_right or not any(gold.judge(answer) == RIGHT for answer in others)):
        return reading
    return Reading("format:boxes_disagree", reading.answers)


def compile_gold(
    gold: object,
    *,
    kind: str,
    options: Iterable[object] | None = None,
    equality: Equality = "equivalent",
) -> CompiledGold:
    """A gold read once, for judging many answers; the latest 8,192 are kept between calls.

    Numbers are golds too (5 is "5"). A gold that is missing (None, NaN, blank) or no text gives one
    that no answer meets, with `acc:no_gold` or `acc:gold_not_text` as the reason. ValueError for an
    unknown kind or equality, and for options that are no list.

    >>> compile_gold("1/2", kind="math").judge("0.5")
    ''
    """
    texts = None if options is None else _option_texts(options)
    if type(gold) is str:
        return _compiled(gold, kind, texts, equality)
    text, why_none = _text_of(gold)
    if why_none:
        _compiled("", kind, None, equality)  # refuses an unknown kind or equality
        return CompiledGold("", kind, _Ungradable(why_none))
    return _compiled(text, kind, texts, equality)


def _option_texts(options: Iterable[object]) -> tuple[str, ...]:
    if isinstance(options, Mapping):  # label -> text
        options = options.values()
    if isinstance(options, str | bytes):
        raise ValueError(f"options is {options!r}; it must be a list of texts, or None")
    try:
        return tuple(text if isinstance(text, str) else _text_of(text)[0] for text in options)
    except TypeError:
        message = f"options is {options!r}; it must be a list of texts, or None"
    raise ValueError(message)


def _text_of(gold: object) -> tuple[str, str]:
    """A gold that is not quite a string as text, or the reason why it is none."""
    if gold is None:
        return "", "acc:no_gold"
    if not isinstance(gold, str | Number):
        return "", "acc:gold_not_text"
    # How many digits Python is willing to print is a setting of the process.
    if isinstance(gold, Rational) and _bits(gold) > _MOST_BITS:
        return "", "acc:gold_too_long"
    text = str(gold)
    if text.lower() == "nan" and not isinstance(gold, str):
        return "", "acc:no_gold"
    return text, ""


def _bits(value: Rational) -> int:
    return max(int(value.numerator).bit_length(), int(value.denominator).bit_length())


@lru_cache(maxsize=_MOST_GOLDS)
def _compiled(text: str, kind: str, options: tuple[str, ...] | None, equality: str) -> CompiledGold:
    if kind not in KINDS:
        raise _unknown("kind", kind, KINDS)
    if equality not in _EQUALITIES:
        raise _unknown("equality", equality, _EQUALITIES)
    return CompiledGold(text, kind, _judge(text, kind, options, equality))


def _judge(text: str, kind: str, options: tuple[str, ...] | None, equality: str) -> Judge:
    if not text.strip():
        return _Ungradable("acc:no_gold")
    if equality == "equivalent":
        return KINDS[kind](text, options)
    if equality == "exact":
        return compile_exact(text)
    from crossthink_data.rewards.math_verify import compile_math_verify

    return compile_math_verify(text)


def _unknown(what: str, value: object, known: Iterable[str]) -> ValueError:
    known = list(known)
    close = get_close_matches(str(value), known, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return ValueError(f"{what} is {value!r}; it must be one of {', '.join(known)}{hint}")
