"""How a question is put to a model, and how its gold is written (paper section 2, templates).

    questions.py     mcq, open or keep: question rows in, question rows and rejects out
    stand_alone.py   which mcq questions can lose their options: the rule sets `strict` and `paper`
    wordings.py      the regular expressions those rules are made of
    golds.py         the right option of a row: position, letter, text, ground truth
    gold_rules.py    whether the right option can be told: rules of `filter` and of `open`
    training.py      the training row, made of prompt, gold and columns
    instruction.py   the user message, instruction.v1, and its digest

Expressions and frames only: nothing here opens a file.
"""

from crossthink_data.templates.golds import (
    AnswerTemplate,
    gold_index,
    gold_label,
    gold_text,
    render_answer,
)
from crossthink_data.templates.instruction import instruction_digest, render_prompt
from crossthink_data.templates.questions import QuestionTemplate, apply_template
from crossthink_data.templates.stand_alone import RULE_SETS, RuleSet
from crossthink_data.templates.training import training_rows

__all__ = [
    "RULE_SETS",
    "AnswerTemplate",
    "QuestionTemplate",
    "RuleSet",
    "apply_template",
    "gold_index",
    "gold_label",
    "gold_text",
    "instruction_digest",
    "render_answer",
    "render_prompt",
    "training_rows",
]
