"""Can a question be asked of someone who has not seen the text that it was made from?

Patterns over the question in lower case. Of 9,189 questions of MMLU test and validation they reject
22; most of those speak of a chapter, a picture or an author that the reader does not have.
"""

import re

from crossthink_data.templates import wordings

__all__ = ["asks_for_many", "points_at_the_options", "points_at_the_text"]


def _joined(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_TEXT = (
    r"(?:passage|excerpt|extract|text|textbook|article|essay|paragraph|document|blog(?: ?post)?"
    r"|post|web ?(?:site|page)|site|page|chapter|author|writer|narrator|speaker|study|report|story"
    r"|source|review|tutorial|lecture|interview|transcript|guide|snippet|handout|summary|notes)"
)
_VERBS = (
    r"(?:says?|said|states?|stated|mentions?|mentioned|describes?|described|suggests?|suggested"
    r"|impl(?:y|ies|ied)|argues?|argued|claims?|claimed|explains?|explained|discuss(?:es|ed)?"
    r"|notes?|noted|emphasi[sz]es?d?|highlights?|highlighted|indicates?|indicated|concludes?d?"
    r"|reports?|reported|focus(?:es|ed)?|refers?|referred|presents?|presented|provides?|provided"
    r"|recommends?|recommended|believes?|believed|uses?|used|means?|meant|views?|thinks?|offers?"
    r"|gives?|lists?|listed|define[sd]?|compares?|compared|warns?|warned|quotes?|cites?|cited)"
)
# A text of that name is the subject matter: the text of the treaty, the author of Walden.
_NAMED = r"(?! (?:of|that was|which was|entitled|titled|called|named|by [a-z])\b)"
_ACCORDING = _joined(
    rf"\baccording to (?:the|this|that|these) (?:[\w-]+ ){{0,2}}?{_TEXT}s?\b{_NAMED}",
    rf"\b(?:based|relying|drawing) (?:only )?(?:up)?on (?:the|this) (?:[\w-]+ ){{0,2}}?{_TEXT}\b"
    rf"{_NAMED}",
    r"\baccording to (?:the )?above\b",
    r"\bas (?:stated|mentioned|described|discussed|explained|noted|defined|shown|presented|given"
    rf"|outlined|reported|used) (?:in|by) (?:the|this) (?:[\w-]+ ){{0,2}}?{_TEXT}\b{_NAMED}",
    rf"\b(?:mentioned|described|discussed|stated|given|presented|provided|listed|quoted|explained"
    rf"|outlined|referenced|cited|covered) (?:in|by|on) (?:the|this) (?:[\w-]+ )?{_TEXT}\b{_NAMED}",
    r"\b(?:mentioned|described|discussed|stated|listed|explained|outlined|quoted) (?:above|here)\b",
    r"\b(?:given|provided|supplied) (?:passage|excerpt|extract|text|article|paragraph|snippet"
    r"|context|document|material)\b",
    r"\b(?:according to|based on|from|using) the (?:given|provided|following|above|supplied) "
    r"(?:information|data|details|facts|content)\b",
    rf"\b(?:inferred|learned|learn|concluded?|deduced|supported|implied|understood|evident|drawn"
    rf"|apparent|clear|gathered) (?:from|by|in) (?:the|this) (?:[\w-]+ ){{0,2}}?{_TEXT}\b{_NAMED}",
    rf"^from the (?:passage|excerpt|extract|text|article|paragraph|snippet|document)\b{_NAMED}",
    rf"\b(?:as )?per (?:the|this) {_TEXT}\b{_NAMED}",
    r"\bauthor of (?:the|this) (?:passage|excerpt|extract|text|article|blog|post|page|document"
    rf"|study|report)\b{_NAMED}",
)
_THIS_TEXT = _joined(
    r"\bthis (?:passage|excerpt|extract|article|essay|paragraph|blog(?: ?post)?|web ?(?:site|page)"
    r"|page|chapter|textbook|tutorial|lecture|interview|document|text|snippet|guide)\b",
    r"\bthe snippet\b",
    r"\bin (?:the|this) (?:story|guide|video|document|report|recipe|handout|source|slides?)"
    r"(?=[,?]|$)",
    r"\b(?:do|does|did) (?:the )?(?:\w+ )?paragraph\b",
    r"\b(?:does|do|did) the document (?:describe|say|state|mention|discuss|explain|cover|outline"
    r"|provide|suggest|argue|recommend|list)\b",
    r"\bin (?:the|this) (?:passage|excerpt|extract|article|essay|paragraph|blog(?: post)?"
    rf"|tutorial|web ?page)\b{_NAMED}",
    rf"\b(?:the|this) (?:passage|excerpt|extract|article|essay|paragraph|text|blog(?: ?post)?"
    rf"|web ?(?:site|page)|page|chapter|author|writer|narrator|speaker|tutorial|post"
    rf"|interviewee?)(?:['’]s \w+)? {_VERBS}\b",
    rf"\b(?:does|do|did|is|was|would|can|has) (?:the|this) (?:passage|excerpt|extract|article|essay"
    rf"|paragraph|text|blog(?: ?post)?|web ?(?:site|page)|page|chapter|author|writer|narrator"
    rf"|speaker|tutorial|post)\b(?!-){_NAMED}",
    r"\bthe (?:author|writer|narrator|speaker|blogger)['’]s\b",
    r"\b(?:title|main (?:idea|point|topic|purpose|argument|theme|message)|purpose|topic|tone) of "
    r"(?:the|this) (?:passage|excerpt|extract|article|essay|paragraph|text|blog(?: post)?"
    r"|web ?(?:site|page)|page|post|document)\b",
    r"^the (?:passage|excerpt|extract|article|text|author|narrator)\b(?! of\b)",
)
_PICTURE = (
    r"(?:figure|fig\.|diagram|graph|table|chart|map|image|photo(?:graph)?|picture|illustration)"
)
_FAR = _joined(
    rf"\b{_PICTURE}s? (?:\d+ )?(?:above|below|shown)\b",
    rf"\b(?:the|this) (?:above|following|accompanying) {_PICTURE}s?\b",
    rf"\b(?:shown|depicted|illustrated|pictured|displayed|labell?ed|seen) (?:in|on|by)"
    rf" (?:the|this) (?!periodic\b){_PICTURE}\b",
    r"\b(?:according to|based on|from|in) (?:the|this) (?:figure|diagram|graph|table|chart|image"
    r"|photo|picture|illustration)\b(?! (?:of|that|which)\b)",
    r"\b(?:figure|table|diagram|chart) (?!8 (?:knot|loop|pattern))\d",
    r"\b(?:in|from) chapter \d",
    r"\bthe (?:code|example|formula|quotation|quote|list|equation) (?:above|below)\b",
    r"\bthe above\b(?! all\b|-)",
    r"\b(?:discussed|described|mentioned|covered|explained|stated|presented) in "
    r"(?:section|part|paragraph) \w+\?$",
    r"\b(?:factors?|reasons?|examples?|causes?|effects?|benefits?|points?|steps?|methods?|features?"
    r"|advantages?|disadvantages?|types?|ways?|concepts?|techniques?|strategies|principles?|risks?)"
    r" (?:that (?:is|are|was|were) )?(?:mentioned|listed|discussed|cited|outlined|described)\?$",
    r"\b(?:does|is|of) the (?:term|word|phrase|concept|expression|acronym) "
    r"(?:refers?|means?|describes?|stands?|denotes?)\b",
    r"\b(?:based on|according to|from|given) (?:the|this|these) (?:context|information|material)\b"
    r"(?! (?:that|of|about)\b)",
    r"\b(?:in|of|from|by|during) (?:the|this) (?:study|experiment|case study|survey|trial"
    r"|analysis|report|interview|story|example|scenario|review)\?$",
    r"\b(?:did|do|does|were|was) the (?:researchers?|scientists?|investigators?|team|participants"
    r"|respondents|interviewee|protagonist)\b"
    r"(?! (?:of|who|that|at|from|in|behind|called)\b)[^,]*\?$",
    r"\bthe (?:study|survey|experiment|researchers)(?:['’]s \w+)? "
    r"(?:found|finds?|shows?|showed|reveals?|revealed|concluded?s?|suggests?|suggested"
    r"|indicates?|indicated|reports?|reported|discovered|demonstrated)\b",
)
_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|might|must)"
_ASKING = r"(?:what|which|when|where|why|how|who|whom|whose)"
_DANGLING = _joined(
    # A question that begins with what it should have named. "This process makes ATP." may be a
    # description of the answer, and is none of these.
    r"^(?:he|she|they|his|her|their)\b",
    r"^(?:in|for|from|under|during|after|at|by|with|given) (?:this|these) (?!years?|century|days?"
    r"|weeks?|months?|points?|way|kinds?|types?|sorts?|world)[a-z]+\b",
    r"^(?:this|these) [^,]*\b(?:by whom|when|where|(?:in|by|at|of) (?:what|which) \w+)\?$",
    rf"^{_ASKING}(?: \w+){{0,2}}? {_AUXILIARY} "
    r"(?:(?:he|she|they|him|her|them|his|their|its)\b|(?:these|those)\b(?! (?:who|that|which)\b)"
    r"|(?:this|such an?) [a-z])",
    rf"^(?:what|when|where|how) {_AUXILIARY} it\b"
    r"(?! (?:is |was )?(?:possible|necessary|important|common|likely"
    r"|difficult|easy|hard|best|better|useful"
    r"|that|called|known|thought|said|believed"
    r"|take|rain|snow|mean|follow|feel|happen"
    r"|about|like|for|to|when|if)\b)",
    # "At this point" and "in this way" are idioms, and "this kind of" points forward.
    rf"^{_ASKING}\b(?! (?:\w+ )?of (?:these|those)\b)[^,;:.?]* (?:in|of|for|by|with|about|to|from"
    r"|do|does|did|during|after|before|under|using|over|than) (?:this|these)"
    r" (?!years?|century|days?|weeks?|months?|points?|way|kinds?|types?|sorts?|world)[a-z]+"
    r"(?=[^.?:]*\?$)",
)
# "The researchers Watson and Crick", "the article 'On Sense'": who or what is named.
_NAMES = re.compile(
    r"\b((?:researchers?|scientists?|investigators?|teams?|author|writer|speaker|narrator|study"
    r"|survey|article|report|essay|book|text|passage|story|document) )(?=[A-Z\"'“‘*])"
)
_SENTENCE = re.compile(r"[.?!:][\"”’)]*\s")
_LEAST_OF_A_TEXT = 250  # characters before the reference: then the text is in the question

# The wordings of `template --question open`, so that the two agree on what stands alone.
_OPTIONS = _joined(
    wordings.OPTION_REFERENCE,
    wordings.STATEMENTS,
    r"\b(?:from|among) the (?:options|choices|list)\b",
)
_OPTIONS_IN_ASKING = _joined(
    wordings.OPTION_REFERENCE_IN_ASKING, wordings.EXCEPTION, r"^true or false\b"
)
_MANY = _joined(
    wordings.EXPLANATION,
    wordings.ONE_OF_MANY,
    wordings.MEMBER_OF_A_CLASS,
    r"^(?:please )?(?:describe|discuss|compare|summari[sz]e|outline|illustrate|justify)\b",
    r"^(?:please )?name (?:an?|one|some|any)\b",
    r"^what (?:are|were) (?:the |some )?(?:\w+ )?(?:causes|effects|reasons|advantages|disadvantages"
    r"|benefits|consequences|symptoms|factors|ways|uses|functions|differences|similarities"
    r"|characteristics|features|examples|challenges|implications|drawbacks|risks)\b",
)
_ONE = _joined(wordings.ASKS_FOR_A_NAME, wordings.LEADS_TO_ONE)
_BREAK = re.compile(wordings.SENTENCE_BREAK)


def points_at_the_text(question: str, *, whole: bool = True) -> str:
    """The words that only a reader of the text, or of a picture in it, could make sense of; or "".

    Of a text that is no `whole` question (an option) only plain references to a text count: what
    else it points at may stand in the question before it.

    >>> points_at_the_text("According to the passage, what is osmosis?")
    'according to the passage'
    >>> points_at_the_text("What did the passage of the Reform Act of 1832 extend?")
    ''
    """
    lower = _NAMES.sub(r"\1called ", " ".join(question.split())).lower()
    for pattern in (_ACCORDING, _THIS_TEXT) if whole else (_ACCORDING,):
        if (found := pattern.search(lower)) and found.start() < _LEAST_OF_A_TEXT:
            return found[0]
    if not whole:
        return ""
    if (found := _FAR.search(lower)) and not _SENTENCE.search(lower, 0, found.start()):
        return found[0]
    found = _DANGLING.search(lower)
    return "" if found is None else found[0]


def points_at_the_options(question: str) -> str:
    """The words of a question that only make sense beside its options; or "".

    >>> points_at_the_options("Which of the following is a noble gas?")
    'which of the following'
    """
    lower = " ".join(question.split()).lower()
    found = _OPTIONS.search(lower) or _OPTIONS_IN_ASKING.search(_asking(lower))
    return "" if found is None else found[0]


def asks_for_many(question: str) -> str:
    """The words by which a question asks for an explanation or for one of many things; or "".

    >>> asks_for_many("Why do leaves fall in autumn?"), asks_for_many("Who wrote Emma?")
    ('why', '')
    """
    asking = _asking(" ".join(question.split()).lower())
    found = _MANY.search(asking)
    return "" if found is None or _ONE.search(asking) else found[0]


def _asking(lower: str) -> str:
    """The last sentence: what is asked, without the story before it."""
    return _BREAK.split(lower)[-1]
