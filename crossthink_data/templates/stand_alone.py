"""Can a multiple-choice question stand without its options? Two named rule sets that say no, and why.

A question stands alone when, with the options hidden, (1) it is a whole question or a sentence to complete
that points at nothing that is gone, (2) one answer is right up to wording, and (3) that answer is a number,
an expression, a name, a term or one natural short phrase. Form is read off the question. Whether another
answer would be as right cannot be read off a text, so the later rules reject the askings and the answers
that go with many right answers: explanations, open-ended completions, clauses, estimates. They lose some
good questions on purpose: a question that trains on a wrong gold costs more than one that is left out.

A pattern may use no look-around (Rust's regex). The patterns are matched on three columns that
`readings` adds, in lower case where case says nothing.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from crossthink_data.templates.golds import gold_text

__all__ = ["RULE_SETS", "Rule", "RuleSet", "readings"]

RuleSet = Literal["strict", "paper"]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One reason not to take the options away, over the columns of a question row and of `readings`."""

    reason: str
    rejects: pl.Expr
    detail: pl.Expr


# What the rules read ---------------------------------------------------------------------------------------

_STEM = pl.col("_stem")  # the question, stripped
_ASK = pl.col("_ask")  # its last sentence, in lower case: what is asked, without the story before it
_GOLD = pl.col("_gold")  # the gold text, stripped, without its full stop
_WORDS = pl.col("_words")  # white-space words of the gold
_VALUE = pl.col("_value")  # the gold is a number, a quantity or an expression

_LAST_SENTENCE = r"(?s)^(?:.*(?:[.?!]['\"”’)]*\s+|\n\s*))?(.+)$"
_CHANGE = r"(?i)^(?:it )?(?:will |would )?(?:increase|decrease|rise|fall|double|triple|quadruple|halve)[sd]?(?: by .*\d.*)?$|\b(?:unchanged|no change)$|^(?:remains?|stays?) (?:constant|the same)$"
_LONG_WORD = r"\pL{3,}"
_VALUE_GOLD = r"^[^\pL\pN]{0,3}\pN|[=^\\{}√∞π]|\d\s*[-+*/×]\s*\w|^[^ ]{1,3}$"


def readings(rows: pl.LazyFrame, *, rewrite: bool) -> pl.LazyFrame:
    """The rows with the columns that rules match on: `_stem`, `_ask`, `_gold`, `_words`, `_value`, `_rewritten`.

    Null, and so cheap and never rejected, for rows that are not mcq. With `rewrite`, `_stem` is the question
    without its reference to the options where that leaves a whole one, and `_rewritten` says so.
    """
    stem = pl.col("question").str.strip_chars()
    changed = _rewriting(stem) if rewrite else pl.lit(None, dtype=pl.String)
    is_mcq = pl.col("question_type") == "mcq"
    gold = gold_text().str.strip_chars(" .\n\t")
    return (
        rows.with_columns(
            pl.when(is_mcq).then(stem).alias("_stem"),
            pl.when(is_mcq).then(gold).alias("_gold"),
            pl.when(is_mcq).then(changed).alias("_new_stem"),
        )
        .with_columns(
            pl.coalesce("_new_stem", "_stem").alias("_stem"),
            pl.col("_new_stem").is_not_null().alias("_rewritten"),
            _GOLD.str.count_matches(r"\S+").alias("_words"),
        )
        .with_columns(
            _STEM.str.extract(_LAST_SENTENCE, 1).str.to_lowercase().alias("_ask"),
            (
                (_GOLD.str.contains(_VALUE_GOLD) & (_GOLD.str.count_matches(_LONG_WORD) <= 3))
                | _GOLD.str.contains(_CHANGE)
            ).alias("_value"),
        )
    )


# "Which of the following is the X" names one thing by the definite article, and "which of the following terms
# VERBS" asks for a name: they lose nothing with the phrase. A superlative or a hedge compares the options, so
# it stays a reference to them.
_WHICH_IS_THE = r"^((?s:.*[.?!,]\s+)?)([Ww])hich (?:one )?of the following (is|was) (?:known as |called )?(the) ([^?]+\?)$"
_WHICH_TERM = r"^((?s:.*[.?!,]\s+)?)([Ww])hich (?:one )?of the following (term|word|phrase|concept|name)s? (describes|denotes|means|names|refers|is used) ([^?]+\?)$"
_COMPARES = (
    r"(?i)\b(?:most|least|best|worst|main|major|primary|chief|closest|\w{2,}est|likely|probabl[ey]|correct|incorrect|true|false|not|except|"
    r"only|last|odd|single|critical|key|an example|reason|result|effect|purpose|statement|type|kind|characteristic|feature|following|these|options?)\b"
)


def _rewriting(stem: pl.Expr) -> pl.Expr:
    """The question without its reference to the options, or null where it would not be whole."""
    is_the = stem.str.replace(_WHICH_IS_THE, "${1}${2}hat ${3} ${4} ${5}")
    term = stem.str.replace(_WHICH_TERM, "${1}${2}hich ${3} ${4} ${5}")
    changed = pl.when(is_the != stem).then(is_the).when(term != stem).then(term)
    asked = changed.str.extract(_LAST_SENTENCE, 1)
    return pl.when(~asked.str.contains(_COMPARES)).then(changed)


def _found(reason: str, column: pl.Expr, pattern: str) -> Rule:
    """A rule that fires on a pattern and shows what it matched."""
    return Rule(reason, column.str.contains(pattern), column.str.extract(f"({pattern})", 1))


# paper: NEMOTRON-CROSSTHINK section 2 ----------------------------------------------------------------------

_PAPER = (
    _found("option_reference", _STEM, r"(?i)which of the following"),
    Rule("answer_too_long", _WORDS > 10, _GOLD),
)

# strict: the question points at what is gone ----------------------------------------------------------------

_OPTION_REFERENCE = (
    r"(?i)\bof the following\b"
    r"|\b(?:which|any|all|one|each|none|some|most|either|two|both) (?:one )?of (?:these|those)\b"
    r"|\b(?:these|those|given|listed|answer|following|above) (?:answer )?(?:options|choices|alternatives)\b"
    r"|\b(?:select|choose|pick|circle|identify|mark|tick|indicate) (?:the|an?|one|all|which|from|two)\b"
    r"|\bwhich (?:\w+ )?(?:statements?|answers?|options?|choices?|alternatives?|pairs?|sets?|lists?|sentences?|examples?|situations?|scenarios?|descriptions?|definitions?)\b"
    r"|\b(?:what|which) (?:is|are|was|were) (?:\w+ )?(?:true|correct|false|incorrect|accurate)\b"
    r"|\bthe following (?:is|are|was|were|would|can|could|statements?|best|pairs?)\b"
    r"|\bbest (?:describe|explain|illustrate|exemplif|summar|characteri|define|represent|express|state|support|reflect|account|complete|answer|translat)\w*"
    r"|\b(?:listed|given|shown|provided) below\b"
)
_EXCEPTION_CAPITALS = r"\b(?:EXCEPT|NOT|LEAST|CANNOT|FALSE|INCORRECT|NEVER|EXCLUDING)\b"
_EXCEPTION = (
    r"\bexcept(?: for| that)?\s*[:.?_]*$|\ball\b.*\bexcept\b"
    r"|^(?:[^,]*, )?(?:which|what|who)(?: \S+){0,5}? (?:is|are|was|were|does|do|did|would|can|could|should|has|have|will)(?:n['’]t| not)\b"
    r"|\b(?:is|are|was|were|does|do|did|would|could|should|has|have|will) not(?: \w+)?\s*[:.?_]*$"
    r"|\b(?:least likely|incorrect|cannot)\b"
)
_STATEMENTS = r"(?i)\b(?:statement|scenario|assertion|claim) ?(?:1|2|i|ii|a|b)\b"
_FORMAT_GOLD = (
    r"(?i)^(?:true|false|yes|no|wrong|not wrong|right|correct|incorrect|valid|invalid)"
    r"(?:\s*[,;/]\s*(?:true|false|yes|no|wrong|not wrong|right|correct|incorrect|valid|invalid))*$"
)
_ITEMS_GOLD = (
    r"^(?:Both |Neither |Only )?\(?(?:[IVX]{1,4}|[ivx]{1,4}|[A-Ea-e])\)?"
    r"(?:(?:\s*,\s*(?:and |or )?|\s*;\s*|\s*&\s*| and | or | nor )\(?(?:[IVX]{1,4}|[ivx]{1,4}|[A-Ea-e])\)?)+"
    r"(?: only)?$|^\(?(?:[IVX]{1,4}|[ivx]{1,4}|[A-Ea-e1-9])\)? only$|^(?:I{1,3}|IV)$"
)
_OTHER_OPTIONS_GOLD = (
    r"(?i)\b(?:all|none|both|any|neither|either|some|two|more than one) (?:of )?(?:the |these |those )?"
    r"(?:above|below|options|choices|answers|statements|these|those|factors)\b"
    r"|^(?:all|none|both|neither|any) of (?:them|these|those)\b|^(?:all|none|both|neither)$"
    r"|\b(?:both|neither|either) \(?[a-e]\)? (?:and|or|nor)\.? \(?[a-e]\b|\bthe above\b|^not given"
)
_BLANKS = r"(?s)_{2,}.*[^_\s].*_{2,}"
_MISSING_CONTEXT = (
    r"(?i)\b(?:figure|diagram|graph|picture|table|chart|map|image|photograph|drawing|circuit|cartoon|code|segment|program)s?"
    r" (?:above|below|shown|at (?:left|right))\b|\b(?:shown|pictured|depicted|illustrated) (?:in|above|below|here|at)\b"
    r"|\b(?:the|this) (?:textbook|chapter|lecture|lesson)(?:['’]s)?\b|\b(?:underlined|italicized|highlighted|in bold)\b"
)
_IMPERATIVE = (
    r"^(?:[^.?!]*[,:;] )?(?:then )?(?:find|evaluate|solve|compute|calculate|determine|divide|multiply|add|subtract|express|simplify|write|round|"
    r"convert|name|give|state|factor|estimate|expand|list|approximate|use|let|suppose|assume|if|what|how|who|when|where|which|reduce|order|"
    r"translate|complete|predict|derive|show|in what|graph|rewrite|differentiate|integrate|identify)\b"
)

# strict: another answer would be as right -------------------------------------------------------------------

_EXPLANATION = (
    r"\bwhy\b|^explain\b|\bexplain (?:why|how|what)\b"
    r"|\bhow (?:do|does|did|can|could|should|would|will|is|are|was|were|might|may|has|have|had)\b"
    r"|\b(?:in what (?:ways?|sense|respect)|to what extent|on what (?:grounds?|basis)|for what (?:reasons?|purpose))\b"
    r"|\bwhat (?:is|are|was|were) (?:\w+ ){0,2}?(?:meant by|(?:meaning|definition|purpose|significance|importance|role|reason|rationale|impact|"
    r"effect|consequence|difference|relationship|relation|basis|goal|aim|objective|advantage|disadvantage|benefit|drawback|problem|response|"
    r"implication|argument|criticism|view|nature|feature|characteristic|point|idea|lesson|message|theme)s?\b)"
    r"|\bwhat (?:does|do|did) .*\b(?:mean|imply|suggest|show|do|argue|claim|believe|say|indicate|think|hold|conclude|tell)\b"
    r"|\bwhat (?:does|do|did) [^?]*\w\w[^sfr?]\?$"
    r"|\bwhat (?:happens|happened|will happen|would happen)\b|\bwhat (?:can|could|should|would|might|must) "
    r"|\bwhat (?:factors|conditions|ways|steps|reasons|evidence|makes|made|drives|inspired|characteri[sz]es|distinguishes|explains|led|motivat\w+)\b"
)
_DEFINITION = r"^(?:what|who) (?:is|are|was|were) (?:an? |the )?(?:term )?['\"“‘]?(?:[^\s?]+\s?){1,3}['\"”’]?\?$"
_DEFINITION_OF_ONE = r" of |\w{2,}est\b|\bmost\b"
_OPEN_COMPLETION = (
    r"\b(?:because|because of|that|should|must|will|would|can|cannot|could|may|might|by|in order to|so that|such as|when|if|as|since|while|through|than|"
    r"includes?|included|including|involves?|involved|requires?|contains?|provides?|causes?|caused by|allows?|helps?|means?|mean that|states?|"
    r"consists? of|consist in|characteri[sz]ed by|responsible for|results? in|results? from|leads? to|led to|associated with|due to|based on|depends? on|"
    r"determined by|affected by|influenced by|explained by|accounted for by|calls for|defined as|refers? to|suggests?|suggested|argues?|argued|claims?|claimed|believes?|believed|"
    r"holds?|held|thinks?|says?|said|concludes?|concluded|represents?|reflects?|reflected|has|have|had|does|do|did|are|were|be|probably|likely|"
    r"subjected to|contributes? to|tends? to|used to|able to|ability to|capacity to|function to|serves? to|attempts? to|designed to|intended to|need to|needs to|order to|ought to|"
    r"known for|examples? of|evidence that|kinds? of|types? of|evidence (?:for|of)|stems? from|arises? from|derives? from|with respect to|(?:because of|due to|by|for|through) (?:its|their|his|her|the))\s*[:.…—-]*$"
    r"|\b\w{2,}ed\s*[:.…—-]*$|\bto\s*[:.…—-]*$"
)
_ONE_OF_MANY = (
    r"\b(?:an?|one|another|some) "
    r"(?:\w+ )?(?:advantage|disadvantage|reason|example|benefit|feature|characteristic|criticism|problem|argument|way|factor|cause|effect|result|consequence|"
    r"function|component|purpose|type|kind|form|method|strategy|limitation|use|objection|goal|aim|drawback|difference|similarity)s?\b"
    r"|\b(?:examples|instances|illustrations) of\b|\b(?:like|such as|including|e\.g\.,?) _"
    r"|\bmost (?:important|effective|appropriate|accurate|significant|useful|influential|frequently|often)\b|\bbest\b|\bprimarily\b|\bmore likely\b"
    r"|\b(?:what|which|who) (?:is|was|are|were) (?:one|some|essential|important|necessary|needed|required|unique|special|wrong|unusual|distinctive|characteristic|different|similar|common)\b"
)
_CLASS = r"^(?:[^,]*, )?(?:the|an?|which|what) (?:molecule|compound|substance|species|ion|solution|reagent|salt|reaction|pair|event|action|behaviou?r|change|factor|activity|policy|approach|measure)s? (?:with|that|which|is|are|was|were|has|have|had|will|would|can|could|do|does|did|most|best)\b"
_CLAUSE_GOLD = (
    r"(?i)^(?:because|that|it|its|they|he|she|we|one|there|if|when|whether|to|by|in order|\w{2,}ed (?:by|in|to|with|from|as|on|for)|yes,|no,|so|as|this|these|those|since|for|with|from|how|what|you|not|who|which|does|do|is|are|was|were|be|being|has|have|had|can|will|should|may|must)\b \S"
    r"|\S .*\b(?:is|are|was|were|be|been|being|has|have|had|can|cannot|could|will|would|should|must|may|might|do|does|did|which|who|that|because|when|if|than|it|they|he|she|their|his|her|its)\b"
)
_GERUND_GOLD = r"(?i)^[a-z]{2,}ing (?:\S+ ){1,}\S+$"
_VERB_GOLD = r"^[a-z]+s (?:\w+ )?(?:the|an?|to|that|from|in|on|for|with|by|their|its|up|and [a-z]+s)\b"
_ESTIMATE = r"\b(?:about|approximately|roughly|around|nearly|estimated?|typical(?:ly)?|proportion|population|per capita|in the year|(?:in|by|since) (?:19|20)\d\d|percentage|percent|share|over|at least|more than|thought to|believed to|as of|currently|worldwide|how often|how long)\b|%"
_ESTIMATE_GOLD = r"(?i)\b(?:about|approximately|roughly|around|nearly|almost|between|less than|more than|over|under|at least)\b|^[\d.,$]+ ?(?:-|–|to|and) ?[\d.,$]+|%|\bpercent\b"
_ROUND_GOLD = r"\d(?:,000)+\b|\d0{3,}\b|\b[mb]illion\b"
_NAMING = r"\b(?:known as|called|termed|named|referred to as|labell?ed)(?: what| which)?\s*[:?._…—-]*$|\bthis (?:is|was) an? (?:example|instance) of\b|\b(?:word|name|acronym|abbreviation|prefix|suffix)\b.*\bmeans?\b|\bstands? for\b"
_TIGHT = (
    r"\b(?:related|equal|equals|equivalent|proportional|similar|identical|analogous|referr?ed|compared|belongs?|corresponds?|connected|adjacent|perpendicular|parallel|converted|located|situated|concerned) to\s*[:.…_—-]*$"
    r"|\b(?:of|in|to|from|by|for|with|into|on|under) (?:which|what)(?: [\w-]+){1,4}\?$|\bthe (?:two|three|four|five)\b.* are\s*[:.…—-]*$|\b(?:is|are|was|were) (?:located|situated|found|conducted|measured|housed|stored|produced|secreted|synthesi[sz]ed|formed)\s*[:.…—-]*$"
)
_GIVEN_NUMBER = r"(?:^|[^\w.])(?:\d{1,3}|\d{5,}|[03-9]\d{3}|\d*\.\d+)(?:[^\w]|$)|[=^]"


def _strict() -> tuple[Rule, ...]:
    completion = ~_ASK.str.contains(r"\?")
    estimated = _ASK.str.contains(_ESTIMATE) | _GOLD.str.contains(_ESTIMATE_GOLD)
    has_digit = _GOLD.str.contains(r"(?i)\d|\b(?:half|third|quarter|fifth|tenth|million|billion)s?\b")
    naming = _ASK.str.contains(_NAMING) | _ASK.str.contains(_TIGHT)
    return (
        _found("option_reference", _STEM, _OPTION_REFERENCE),
        _found("exception", _STEM, _EXCEPTION_CAPITALS),
        _found("exception", _ASK, _EXCEPTION),
        _found("statement_pair", _STEM, _STATEMENTS),
        _found("answer_format", _GOLD, _FORMAT_GOLD),
        _found("numbered_items", _GOLD, _ITEMS_GOLD),
        Rule("numbered_items", _GOLD.str.contains(r"^\d(?:\s*,\s*\d)+$") & ~_STEM.str.contains(r"\d"), _GOLD),
        _found("other_options", _GOLD, _OTHER_OPTIONS_GOLD),
        _found("several_blanks", _STEM, _BLANKS),
        _found("missing_context", _STEM, _MISSING_CONTEXT),
        Rule(
            "no_question",
            _ASK.str.contains(r"[^.][.!]['\"”’)]*$")
            & ~_ASK.str.contains(_IMPERATIVE)
            & ~_STEM.str.contains(r"_{2,}|\?|(?i:\b(?:what|which|who|how many|how much|find|compute|calculate)\b)"),
            _ASK,
        ),
        Rule("answer_too_long", _WORDS > 10, _GOLD),
        Rule("explanation", _ASK.str.contains(_EXPLANATION) & ~_VALUE & ~naming, _ASK),
        Rule(
            "definition",
            _ASK.str.contains(_DEFINITION) & ~_ASK.str.contains(_DEFINITION_OF_ONE) & ~_VALUE & ~_ASK.str.starts_with("who"),
            _ASK,
        ),
        Rule("answer_is_a_clause", _GOLD.str.contains(_CLAUSE_GOLD) & ~_VALUE, _GOLD),
        Rule("answer_is_a_clause", _GOLD.str.contains(_GERUND_GOLD), _GOLD),
        Rule("answer_is_a_clause", _GOLD.str.contains(_VERB_GOLD) & completion, _GOLD),
        Rule(
            "coarse_estimate",
            has_digit
            & (estimated | _GOLD.str.contains(_ROUND_GOLD))
            & ~_STEM.str.contains(_GIVEN_NUMBER),
            _GOLD,
        ),
        Rule("open_ended", completion & _ASK.str.contains(_OPEN_COMPLETION) & ~_VALUE & ~naming, _ASK),
        Rule("open_ended", _ASK.str.contains(_ONE_OF_MANY) & ~_VALUE & ~naming, _ASK),
        Rule("member_of_a_class", _ASK.str.contains(_CLASS), _ASK),
        Rule("answer_not_a_term", (_WORDS > 5) & ~_VALUE, _GOLD),
    )


RULE_SETS: dict[RuleSet, tuple[Rule, ...]] = {"paper": _PAPER, "strict": _strict()}
