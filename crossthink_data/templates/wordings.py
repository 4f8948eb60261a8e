r"""The wordings that `stand_alone` looks for, as regular expressions.

Rust's syntax without look-around, all lower case unless a name ends in `_AS_WRITTEN`. `\b` and
`\w` are meant for ASCII; `ascii_classes` makes them so, which keeps the regex engine on its fast
path.
"""


def ascii_classes(pattern: str) -> str:
    r"""The pattern with `\b` and `\w` for ASCII only."""
    return pattern.replace(r"\b", r"(?-u:\b)").replace(r"\w", "[0-9A-Za-z_]")


def _word(words: str) -> str:
    """One of the words (each may be a pattern), as a whole word; they are separated by spaces."""
    return rf"\b(?:{'|'.join(words.split())})\b"


def _phrase(phrases: str) -> str:
    """One of the phrases, which are separated by commas."""
    return f"(?:{'|'.join(' '.join(phrase.split()) for phrase in phrases.split(','))})"


_IS = "(?:is|are|was|were)"
_AUXILIARY = "(?:is|are|was|were|does|do|did|would|can|could|should|has|have|will)"
_END = r"\s*[:.…—-]*$"
_BLANK_OR_END = r"\s*[:?._…—-]*$"

# Where a sentence ends: white space after a full stop, question or exclamation mark; or a line end.
SENTENCE_BREAK = r"[.?!]['\"”’)\]]*\s+|\s*\n\s*"

# What a gold is -----------------------------------------------------------------------------------

# A number or a quantity, an expression, a lone symbol.
VALUE = r"^[^\pL\pN]{0,3}\pN|[=^\\{}√∞π]|\d\s*[-+*/×]\s*\w|^[^ ]{1,3}$"
LONG_WORD = r"\pL{3,}"
# A direction, with its amount at most: "increases", "will decrease by a factor of 4".
CHANGE = (
    r"^(?:it )?(?:will |would )?(?:increase|decrease|rise|fall|double|triple|quadruple|halve)[sd]?"
    r"(?: by .*\d.*)?$|\b(?:unchanged|no change)$|^(?:remains?|stays?) (?:constant|the same)$"
)

# The question points at options that are gone -----------------------------------------------------

_CHOICE_NOUN = (
    "(?:statement|answer|option|choice|alternative|pair|set|list|sentence|example|situation"
    "|scenario|description|definition|proposition)s?"
)
_OF_THE = "of the (?:following|given|above|listed)"
OPTION_REFERENCE = "|".join(
    (
        _word("which what who whom ones? any all each none some most many either two both")
        + rf"(?: [\w-]+){{0,2}} {_OF_THE}\b",
        r"(?:^|[.,;:?!]\s)of the following\b",
        r"\bof the following (?:[\w-]+ )?\w+s\b",
        r"\bof the following\s*[:?.]*$",
        r"\b(?:what|which) (?:[\w-]+ ){1,3}below\b",
        r"\bwhich (?:one )?of (?:these|those)\b",
        _word("these those given listed answer following above")
        + r" (?:answer )?(?:options|choices|alternatives)\b",
        r"(?:^|[.?!:,]\s+|\n)(?:select|choose|pick|circle|identify|mark|tick|indicate)"
        r" (?:the|an?|one|all|which|from|two)\b",
        rf"\bwhich (?:\w+ )?{_CHOICE_NOUN}\b",
        rf"\b(?:what|which) {_IS} (?:also |always |not |most |necessarily )?"
        r"(?:true|correct|false|incorrect|accurate)\b",
        r"\bthe following (?:is|are|was|were|would|can|could|statements?|best|pairs?)\b",
        r"\bbest (?:describe|explain|illustrate|exemplif|summar|characteri|define|represent"
        r"|express|state|support|reflect|account|complete|answer|translat)\w*",
        r"\b(?:listed|given|shown|provided) below\b",
    )
)
# In the story before the asking, "one of these" points at the story.
OPTION_REFERENCE_IN_ASKING = (
    r"\b(?:any|all|one|each|none|some|most|either|two|both) of (?:these|those)\b"
)
EXCEPTION_AS_WRITTEN = _word("EXCEPT NOT LEAST CANNOT FALSE INCORRECT NEVER EXCLUDING")
EXCEPTION = "|".join(
    (
        r"\bexcept(?: for| that)?\s*[:.?_]*$",
        r"\ball\b.*\bexcept\b",
        rf"^(?:[^,]*, )?(?:which(?: \S+){{0,5}}?|what|who) {_AUXILIARY}(?:n['’]t| not)\b",
        rf"\b{_AUXILIARY} not(?: \w+)?\s*[:.?_]*$",
        r"\b(?:least likely|incorrect)\b",
    )
)
STATEMENTS = r"\b(?:statement|scenario|assertion|claim) ?(?:1|2|i|ii|a|b)\b"
SEVERAL_BLANKS = r"(?s)_{2,}.*[^_\s].*_{2,}"
_PICTURE = (
    "(?:figure|diagram|graph|picture|table|chart|map|image|photograph|drawing|circuit|cartoon)s?"
)
MISSING_PICTURE = "|".join(
    (
        rf"\b{_PICTURE} (?:above|below|shown|at (?:left|right))\b",
        r"\b(?:shown|pictured|depicted|illustrated) (?:in|above|below|here|at)\b",
        r"\b(?:the|this) (?:textbook|chapter|lecture|lesson)(?:['’]s)?\b",
        _word("underlined italicized highlighted"),
    )
)
# A passage counts as text, so these only tell where the whole is too short to hold one.
MISSING_PASSAGE = "|".join(
    (
        r"\b(?:the|this) (?:passage|excerpt|extract|paragraph)\b",
        r"\b(?:according to|in) (?:the|this) (?:text|article|story|letter|speech|conversation)\b",
        r"\bthe (?:author|writer|speaker|narrator)(?: \w+)? (?:means?|suggests?|thinks?|says?"
        r"|believes?|impl(?:y|ies)|argues?|intends?|feels?)\b",
        r"\bthe above\b|\b(?:mentioned|described|stated) above\b",
    )
)
SENTENCE_END = r"[^.][.!]['\"”’)]*$"
_IMPERATIVE_VERB = (
    "find|evaluate|solve|compute|calculate|determine|simplify|divide|multiply|add|subtract|express"
    "|write|round|convert|name|give|state|factor|estimate|expand|list|approximate|use|reduce|order"
    "|translate|complete|predict|derive|show|graph|rewrite|differentiate|integrate|identify"
)
ASKS_ANYWHERE = "|".join(
    (
        r"_{2,}|\?",
        r"\bhow (?:many|much|far|long)\b",
        rf"\bwhat {_IS}\b",
        r"(?:^|[.:,;]\s+)(?:find|compute|calculate|evaluate|solve|determine|simplify)\b",
    )
)
ASKS = (
    rf"^(?:[^.?!]*[,:;] )?(?:then )?(?:{_IMPERATIVE_VERB}|let|suppose|assume|if|in what|what|how"
    r"|who|when|where|which)\b"
)

# The gold points at options that are gone ---------------------------------------------------------

_VERDICT = "(?:true|false|yes|no|wrong|not wrong|right|correct|incorrect|valid|invalid)"
VERDICT_GOLD = rf"^{_VERDICT}(?:\s*[,;/]\s*{_VERDICT})*$"
_ITEM = r"\(?(?:[IVX]{1,4}|[ivx]{1,4}|[A-Ea-e])\)?"
ITEMS_GOLD_AS_WRITTEN = "|".join(
    (
        rf"^(?:Both |Neither |Only )?{_ITEM}(?:(?:\s*[,;&]\s*(?:and |or )?| and | or "
        rf"| nor ){_ITEM})+"
        r"(?: only)?$",
        r"^\(?(?:[IVX]{1,4}|[ivx]{1,4}|[A-Ea-e1-9])\)? only$",
        r"^(?:I{1,3}|IV)$",
    )
)
DIGITS_GOLD = r"^\d(?:\s*,\s*\d)+$"
OTHER_OPTIONS_GOLD = "|".join(
    (
        r"\b(?:all|none|both|any|neither|either|some|two|more than one)\b"
        + r" (?:of )?(?:the |these |those )?"
        r"(?:above|below|options|choices|answers|statements|these|those|factors)\b",
        r"^(?:all|none|both|neither|any) of (?:them|these|those)\b",
        r"^(?:all|none|both|neither)$",
        r"\b(?:both|neither|either) \(?[a-e]\)? (?:and|or|nor)\.? \(?[a-e]\b",
        r"\bthe above\b",
        r"^not given",
    )
)

# Another answer would be as right -----------------------------------------------------------------

EXPLANATION = "|".join(
    (
        r"\bwhy\b|^explain\b|\bexplain (?:why|how|what)\b",
        r"\bhow (?:do|does|did|can|could|should|would|will|is|are|was|were|might|may|has|have"
        r"|had)\b",
        r"\b(?:in what (?:ways?|sense|respect)|to what extent|on what (?:grounds?|basis))\b",
        r"\bfor what (?:reasons?|purpose)\b",
        rf"\bwhat {_IS} (?:\w+ ){{0,2}}?(?:meant by|(?:meaning|definition|purpose|significance"
        r"|importance|role|reason|rationale|impact|effect|consequence|difference|relationship"
        r"|relation|basis|goal|aim|objective|advantage|disadvantage|benefit|drawback|problem"
        r"|response|implication|argument|criticism|view|nature|feature|characteristic|point|idea"
        r"|lesson|message|theme)s?)\b",
        r"\bwhat (?:does|do|did) .*\b(?:mean|imply|suggest|show|do|argue|claim|believe|say"
        r"|indicate|think|hold|conclude|tell)\b",
        # "What does X emphasise?": the verb comes last and its object is anything X does that to.
        # The last letters left out are those of "stand for", "refer to" and "consist of".
        r"\bwhat (?:does|do|did) [^?]*\w\w[^sfr?]\?$",
        r"\bwhat (?:happens|happened|will happen|would happen)\b",
        r"\bwhat (?:can|could|should|would|might|must) ",
        r"\bwhat (?:factors|conditions|ways|steps|reasons|evidence|makes|made|drives|inspired"
        r"|characteri[sz]es|distinguishes|explains|led|motivat\w+)\b",
    )
)
DEFINITION = rf"^what {_IS} (?:an? |the )?(?:term )?['\"“‘]?(?:[^\s?]+\s?){{1,3}}['\"”’]?\?$"
# "What is the capital of Norway?", "What is the hottest planet?": short as a definition, but one
# thing.
DEFINITE = r" of |\w{2,}est\b|\bmost\b"

# What a sentence to complete breaks off with when many things complete it.
_OPEN_ENDS = _phrase(
    r"""
    because, because of, that, so that, such as, in order to, when, if, as, since, while, through,
    than, by, and, or, with, about, against, towards?, among, with respect to,
    should, must, will, would, can, cannot, could, may, might, has, have, had, does, do, did, are,
    were, be, sometimes, often, usually, always, generally, typically, never, also, frequently,
    probably, likely, includes?, including, involves?, requires?, contains?, provides?, causes?,
    allows?, helps?, means?, mean that, consists? of, consist in, results? in, results? from,
    led to, associated with, due to, depends? on, calls for, responsible for, known for, states?,
    suggests?, argues?, claims?, believes?, holds?, held, thinks?, says?, said, concludes?,
    represents?, reflects?, expect, accounted for by, examples? of, kinds? of, types? of,
    evidence (?:for|of|that), stems? from, arises? from, derives? from,
    (?:because of|due to|by|for|through) (?:its|their|his|her|the)
    """
)
OPEN_COMPLETION = "|".join(
    (
        rf"\b{_OPEN_ENDS}{_END}",
        rf"\b\w{{2,}}ed{_END}",
        rf"\bto{_END}",
        # A subject of a few words ("The trachea", "Homo erectus was"): anything true of it
        # completes it.
        rf"^(?:[^\s\d]+ ){{0,3}}[^\s\d_]+{_END}",
    )
)
ONE_OF_MANY = "|".join(
    (
        r"\b(?:an?|one|another|some) (?:\w+ )?(?:advantage|disadvantage|reason|example|benefit"
        r"|feature|characteristic|criticism|problem|argument|way|factor|cause|effect|result"
        r"|consequence|function|component|purpose|type|kind|form|method|strategy|limitation|use"
        r"|objection|goal|aim|drawback|difference|similarity)s?\b",
        r"\b(?:examples|instances|illustrations) of\b",
        r"\b(?:like|such as|including|e\.g\.,?) _",
        r"\bmost (?:important|effective|appropriate|accurate|significant|useful|influential"
        r"|frequently|often|direct|efficient|suitable|reliable|powerful|critical|basic|fundamental"
        r"|crucial|essential|valuable|desirable|serious|helpful|successful)\b",
        r"\bbest\b|\bmore likely\b",
        rf"\b(?:what|which|who) {_IS} (?:one|some|essential|important|necessary|needed|required"
        r"|unique|special|wrong|unusual|distinctive|characteristic|different|similar|common)\b",
    )
)
MEMBER_OF_A_CLASS = "|".join(
    (
        r"\bwhich (?:expression|equation|fraction|number|ratio|function|graph)s?"
        r" (?:is|are|has|have|could|can) ",
        r"\bcould (?:\w+ ){0,2}(?:be|have)\b",
        r"^(?:[^,]*, )?(?:the|an?|which|what) (?:molecule|compound|substance|species|ion|solution"
        r"|reagent|salt|reaction|pair|event|action|behaviou?r|change|factor|activity|policy"
        r"|approach|measure)s?"
        r" (?:with|that|which|is|are|was|were|has|have|had|will|would|can|could|do|does|did|most"
        r"|best)\b",
    )
)

# Askings that lead to one thing after all ---------------------------------------------------------

ASKS_FOR_A_NAME = "|".join(
    (
        r"\b(?:known as|called|termed|named|referred to as|labell?ed)(?: what"
        rf"| which)?{_BLANK_OR_END}",
        r"\bthis (?:is|was) an? (?:example|instance) of\b",
        r"\b(?:word|name|acronym|abbreviation|prefix|suffix)\b.*\bmeans?\b",
        r"\bstands? for\b",
    )
)
LEADS_TO_ONE = "|".join(
    (
        _word(
            "related equals? equivalent proportional similar identical analogous referr?ed compared"
            " belongs? corresponds? connected adjacent perpendicular parallel converted located"
            " situated concerned"
        )
        + rf" to{_BLANK_OR_END}",
        r"\b(?:of|in|to|from|by|for|with|into|on|under) (?:which|what)(?: [\w-]+){1,4}\?$",
        rf"\bthe (?:two|three|four|five)\b.* (?:are|were){_END}",
        rf"\b{_IS} (?:(?:measured|expressed|denoted|given) (?:by|in|as)|located|situated|found"
        rf"|conducted|measured|housed|stored|produced|secreted|synthesi[sz]ed|formed){_END}",
    )
)

# The gold is no short phrase ----------------------------------------------------------------------

_VERB = (
    "is|are|was|were|be|been|being|has|have|had|can|cannot|could|will|would|should|must|may|might"
    "|do|does|did"
)
CLAUSE_GOLD = "|".join(
    (
        r"^(?:because|that|it|its|they|he|she|we|one|there|if|when|whether|to|by|in order|so|as"
        r"|this|these|those|since|for|with|from|how|what|you|not|who|which)\b \S",
        rf"^(?:{_VERB})\b \S",
        r"^\w{2,}ed (?:by|in|to|with|from|as|on|for)\b",
        r"^(?:yes|no), \S",
        rf"\S .*\b(?:{_VERB}|which|who|that|because|when|if|than|it|they|he|she|their|his|her|its"
        r"|to be|to begin)\b",
    )
)
GERUND_GOLD = r"^[a-z]{2,}ing \S+ \S+"
VERB_GOLD_AS_WRITTEN = (
    r"^[a-z]+s (?:\w+ )?(?:the|an?|to|that|from|in|on|for|with|by|their|its|up|and [a-z]+s)\b"
)

# The gold is a cell of a grid ---------------------------------------------------------------------

AMOUNT_GOLD = r"\d|\b(?:half|third|quarter|fifth|tenth|million|billion)s?\b"
ROUND_GOLD = r"\d(?:,000)+\b|\d0{3,}\b|\b[mb]illion\b"
ESTIMATE = (
    r"\b(?:about|approximately|roughly|around|nearly|estimated?|typical(?:ly)?|proportion"
    r"|population|per capita|in the year|(?:in|by|since) (?:19|20)\d\d|percentage|percent|share"
    r"|over|at least|more than|thought to|believed to|as of|currently|worldwide|how often"
    r"|how long)\b|%"
)
ESTIMATE_GOLD = (
    r"\b(?:about|approximately|roughly|around|nearly|almost|between|less than|more than|over|under"
    r"|at least)\b|^[\d.,$]+ ?(?:-|–|to|and) ?[\d.,$]+|%|\bpercent\b"
)
# With a number to reckon from, the answer follows; a year is no such number.
GIVEN_NUMBER = r"(?:^|[^\w.])(?:\d{1,3}|\d{5,}|[03-9]\d{3}|\d*\.\d+)(?:[^\w]|$)|[=^]"
AS_OF_YEAR = r"\bas of (?:19|20)\d\d\b"

# A reference to the options that can be dropped ---------------------------------------------------

# "Which of the following is the X" names one thing by the definite article, "which of the
# following terms describes" asks for a name. They are matched on the question as written.
WHICH_IS_THE = (
    r"^((?s:.*[.?!,]\s+)?)([Ww])hich (?:one )?of the following (is|was) (?:known as |called )?"
    r"(the) ([^?]+\?)$"
)
IS_THE = "${1}${2}hat ${3} ${4} ${5}"
WHICH_TERM = (
    r"^((?s:.*[.?!,]\s+)?)([Ww])hich (?:one )?of the following (term|word|phrase|concept|name)s? "
    r"(describes|denotes|means|names|refers|is used) ([^?]+\?)$"
)
TERM = "${1}${2}hich ${3} ${4} ${5}"
# A superlative or a hedge weighs the options against each other: then the phrase is no ornament.
COMPARES = _word(
    r"most least best worst main major primary chief closest \w{2,}est likely probabl[ey] correct"
    r" incorrect true false not except only last odd single critical key reason result"
    r" effect purpose statement type kind characteristic feature following these options?"
)
