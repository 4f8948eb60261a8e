"""Whether two parsed answers mean the same, shape by shape, and the reason where they do not."""

from fractions import Fraction
from itertools import product as product_of
from math import isfinite

from crossthink_data.rewards.algebra import product
from crossthink_data.rewards.enclosure import approximate
from crossthink_data.rewards.equations import (
    REVERSED,
    same_equation,
    same_inequality,
    worked_out_value,
)
from crossthink_data.rewards.lexer import NotUnderstood, TooLong
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Rational,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Words,
)
from crossthink_data.rewards.quantities import (
    bare,
    decimal_places,
    is_angle,
    is_in_base,
    scaled,
    units_agree,
)
from crossthink_data.rewards.real_sets import is_inequality, real_set, same_set
from crossthink_data.rewards.scalars import (
    OPAQUE,
    Work,
    restates,
    same_value,
    symbols_of,
    with_symbol,
)
from crossthink_data.rewards.shapes import (
    Said,
    as_matrix,
    list_name,
    members,
    ordered,
    record,
    said,
    same_name,
    with_argument,
    without_note,
)
from crossthink_data.rewards.text import tokens
from crossthink_data.rewards.verdict import RIGHT

__all__ = ["same_answer"]

_DIFFERENT = "acc:not_equal"
_SEVERAL = "acc:several_answers"
_INCOMPLETE = "acc:incomplete"
_UNIT = "acc:different_unit"
_MOST_MEMBERS = 40
_SCALARS = frozenset((Number, Constant, Symbol, Sum, Product, Power, Call))
_CLOCK = range(10, 60)


def same_answer(gold: Node, answer: Node, work: Work) -> str:
    """RIGHT when `answer` means what `gold` says, else a reason `acc:...`.

    `work` holds what is known of the gold, and the steps that this answer may take.
    """
    try:
        return _same(gold, answer, work)
    except NotUnderstood:
        return "acc:not_understood"
    except TooLong:
        return "acc:over_budget"


def _same(gold: Node, answer: Node, work: Work) -> str:
    modulus, other_modulus = _modulus(gold), _modulus(answer)
    if modulus is not None or other_modulus is not None:
        if modulus is not None and other_modulus is not None:
            reason = same_value(modulus, other_modulus, work)
            if reason != RIGHT:
                return reason
        return _same(_without_modulus(gold), _without_modulus(answer), work)
    if type(gold) in _SCALARS and type(answer) in _SCALARS:
        return _same_scalars(gold, answer, work)
    gold, letter, note = without_note(gold)
    answer, other_letter, other_note = without_note(answer)
    if note and other_note and note != other_note:
        return _DIFFERENT
    if letter and other_letter and letter not in symbols_of(answer):
        answer = with_symbol(answer, other_letter, Symbol(letter))
    gold_record, answer_record = record(gold), record(answer)
    if gold_record or answer_record:
        return _same_records(gold, gold_record, answer, answer_record, work)
    ours, theirs = _with_unit(said(gold)), _with_unit(said(answer))
    if type(gold) is Relation and type(answer) is Relation:
        is_chain = len(gold.sides) > 2 or not ours.name
        same_chain = is_chain and len(answer.sides) == len(gold.sides)
        if same_chain and _all_same_values(gold, answer.sides, answer.operators, work):
            return RIGHT
    if ours.name != theirs.name and ours.name and theirs.name:
        theirs = with_argument(theirs, ours.name)
    if ours.name and theirs.name and not same_name(ours.name, theirs.name):
        if ours.equation and theirs.equation:
            same = same_equation(ours.equation, theirs.equation, work)
            return RIGHT if same else "acc:other_variable"
        return "acc:other_variable"
    if ours.equation and theirs.equation and not (ours.name and theirs.name):
        return RIGHT if same_equation(ours.equation, theirs.equation, work) else _DIFFERENT
    if bool(ours.equation) != bool(theirs.equation) and not (ours.name or theirs.name):
        worked_out = None if ours.equation is None else worked_out_value(ours.equation)
        return _DIFFERENT if worked_out is None else _same(worked_out, answer, work)
    if not _consistent(theirs, work):
        return _SEVERAL
    found = theirs.values[:1] + (theirs.values[-1:] if theirs.rounded else [])
    reason = _DIFFERENT
    for value, said_value in product_of(ours.values, found):
        reason = _same_shape(value, said_value, work)
        if reason == RIGHT:
            break
    return reason


def _modulus(node: Node) -> Node | None:
    """The modulus of `x = 3 (mod 7)`."""
    if type(node) is Relation and node.operators[-1] == "mod":
        return node.sides[-1]
    return None


def _without_modulus(node: Node) -> Node:
    if type(node) is not Relation or node.operators[-1] != "mod":
        return node
    if len(node.operators) == 1:
        return node.sides[0]
    return Relation(node.operators[:-1], node.sides[:-1])


def _with_unit(part: Said) -> Said:
    """`40/3 = 13.3 min` with the unit behind the last value at all of them."""
    last = part.values[-1]
    if len(part.values) < 2 or type(last) is not Quantity or last.unit.startswith("%"):
        return part
    values: list[Node] = [
        value if type(value) is Quantity else Quantity(value, last.unit) for value in part.values
    ]
    return part._replace(values=values)


def _consistent(answer: Said, work: Work) -> bool:
    """Whether the sides of a chain of equalities are equal, the rounded one about."""
    first = answer.values[0]
    exact = answer.values[1:-1] if answer.rounded else answer.values[1:]
    if any(_same_shape(first, value, work) != RIGHT for value in exact):
        return False
    return not answer.rounded or _about(first, answer.values[-1])


def _about(exact: Node, rounded: Node) -> bool:
    """Whether a decimal is the exact value at the digits that it shows, no second candidate."""
    whole, decimal = bare(exact), bare(rounded)
    if type(decimal) is not Number:
        return False
    places = decimal_places(decimal.value)
    if places is None:
        return False
    if type(whole) is Number:
        own = decimal_places(whole.value)
        if own is not None and own <= places:
            return False
    value = approximate(whole, {})
    unit = Fraction(1, 10**places)
    return value is not None and isfinite(value) and abs(Fraction(value) - decimal.value) <= unit


# Records, lists and tuples


def _same_records(
    gold: Node,
    gold_record: dict[str, Node] | None,
    answer: Node,
    answer_record: dict[str, Node] | None,
    work: Work,
) -> str:
    """`x = 3, y = 2` against the like, or against bare values in the order of the names."""
    if gold_record and answer_record:
        if gold_record.keys() != answer_record.keys():
            return "acc:other_variable"
        pairs = [(value, answer_record[name]) for name, value in gold_record.items()]
        return _all_same(pairs, work)
    if gold_record:
        return _unnamed(gold_record, answer, work)
    assert answer_record is not None
    name = list_name(gold) or said(gold).name
    letters = {key.partition("_")[0] for key in answer_record}
    if name and letters != {name.partition("_")[0]}:
        return "acc:other_variable"
    values = [answer_record[key] for key in sorted(answer_record)]
    items = ordered(gold)
    if items is None:
        wanted = members(gold)
        return _SEVERAL if wanted is None else _same_members(wanted, values, work)
    if len(items) != len(values):
        return _DIFFERENT
    return _all_same(list(zip(items, values, strict=True)), work)


def _unnamed(gold: dict[str, Node], answer: Node, work: Work) -> str:
    letters = {name.partition("_")[0] for name in gold}
    names = {said(item).name for item in answer.items} if type(answer) is Sequence else set()
    if not names <= (letters if len(letters) == 1 else set()) | {""}:
        return "acc:other_variable"
    found = members(answer)
    # Roots are numbered as one likes: x_1 and x_2 have no order.
    if len(letters) == 1 and found is not None:
        return _same_members(list(gold.values()), found, work)
    items = answer.items if type(answer) is Sequence else ordered(answer)
    if items is None:
        return _INCOMPLETE
    if len(items) != len(gold):
        return _INCOMPLETE if len(items) < len(gold) else _SEVERAL
    reason = _DIFFERENT
    orders = [list(gold)]
    if all(len(name.partition("_")[0]) == 1 for name in gold):  # words have no order of their own
        orders.append(sorted(gold))
    for values in ([gold[name] for name in order] for order in orders):
        reason = _all_same(list(zip(values, items, strict=True)), work)
        if reason == RIGHT:
            break
    return reason


def _all_same(pairs: list[tuple[Node, Node]], work: Work) -> str:
    for one, other in pairs:
        reason = same_answer(one, other, work)
        if reason != RIGHT:
            return reason
    return RIGHT


def _same_members(gold: list[Node], answer: list[Node], work: Work) -> str:
    """All wanted members and nothing more, in any order; long lists and dots keep theirs."""
    if len(answer) != len(gold):
        return _INCOMPLETE if len(answer) < len(gold) else _SEVERAL
    ours, theirs = _numbers(gold), _numbers(answer)
    if ours is not None and theirs is not None:
        return RIGHT if ours == theirs else _DIFFERENT
    if len(gold) > _MOST_MEMBERS or any(type(n) is Symbol and n.name == "..." for n in gold):
        return _all_same(list(zip(gold, answer, strict=True)), work)
    left = list(answer)
    for wanted in gold:
        for place, item in enumerate(left):
            if same_answer(wanted, item, work) == RIGHT:
                del left[place]
                break
        else:
            return _DIFFERENT if work.allowance.left > 0 else "acc:over_budget"
    return RIGHT


def _numbers(nodes: list[Node]) -> list[Rational] | None:
    """The values of plain numbers from the least up; None where one is something else."""
    values = [node.value for node in nodes if type(node) is Number]
    return sorted(values, key=Fraction) if len(values) == len(nodes) else None


# One shape against another


def _same_shape(gold: Node, answer: Node, work: Work) -> str:
    kinds = (type(gold), type(answer))
    if kinds == (Number, Number):
        return same_value(gold, answer, work)
    if Words in kinds:
        return _same_words(gold, answer)
    if _says_set(gold) or _says_set(answer):
        return _same_sets(gold, answer, work)
    if Quantity in kinds:
        return _same_quantity(gold, answer, work)
    if Relation in kinds:
        return _same_relation(gold, answer, work)
    if Matrix in kinds:
        ours, theirs = as_matrix(gold), as_matrix(answer)
        if type(ours) is Matrix and type(theirs) is Matrix:
            return _same_matrix(ours, theirs, work)
    items = ordered(gold)
    if items is not None:
        return _same_tuple(gold, items, answer, work)
    if ordered(answer) is not None and type(answer) is not Matrix:
        return _DIFFERENT
    if type(gold) in _SCALARS and type(answer) in _SCALARS:
        return _same_scalars(gold, answer, work)
    return _same_collections(gold, answer, work)


def _same_scalars(gold: Node, answer: Node, work: Work) -> str:
    """Two expressions: equal in value or, where they have none, in form."""
    reason = same_value(gold, answer, work)
    if reason != OPAQUE:
        return reason
    if _says_set(gold) or _says_set(answer):
        return _same_sets(gold, answer, work)
    if members(gold) is not None or members(answer) is not None:
        return _same_collections(gold, answer, work)
    return OPAQUE if restates(answer) and not restates(gold) else _DIFFERENT


def _same_collections(gold: Node, answer: Node, work: Work) -> str:
    name, other = list_name(gold), list_name(answer)
    if name and other and not same_name(name, other):
        return "acc:other_variable"
    wanted, found = members(gold), members(answer)
    if wanted is None and found is None:
        return same_value(gold, answer, work)
    if not wanted or not found:
        return _same_single(gold, wanted, answer, found, work)
    return _same_members(wanted, found, work)


def _same_single(
    gold: Node, wanted: list[Node] | None, answer: Node, found: list[Node] | None, work: Work
) -> str:
    """A value against the set of it alone; the empty set against itself."""
    if wanted == [] or found == []:
        return RIGHT if wanted == found else _DIFFERENT
    if wanted is not None:
        return _same_shape(wanted[0], answer, work) if len(wanted) == 1 else _INCOMPLETE
    assert found is not None
    # "1/2 or 0.5" says one value twice.
    once = len(found) == 1 or (type(answer) is Sequence and answer.parted == "or")
    same = once and all(_same_shape(gold, value, work) == RIGHT for value in found)
    return RIGHT if same else _DIFFERENT if len(found) == 1 else _SEVERAL


def _same_words(gold: Node, answer: Node) -> str:
    if type(gold) is Words and type(answer) is Words and tokens(gold.text) == tokens(answer.text):
        return RIGHT
    return _DIFFERENT


def _says_set(node: Node) -> bool:
    if type(node) is Call:
        return node.name in ("cup", "cap", "setminus")
    if type(node) is Sequence:
        return all(is_inequality(item) for item in node.items)
    return is_inequality(node) or (type(node) is Symbol and node.name == "bb R")


def _same_sets(gold: Node, answer: Node, work: Work) -> str:
    ours, theirs = real_set(gold, work), real_set(answer, work)
    if ours is not None and theirs is not None:
        return RIGHT if same_set(ours, theirs, work) else _DIFFERENT
    if type(gold) is Call and type(answer) is Call and gold.name == answer.name:
        pairs = list(zip(gold.arguments, answer.arguments, strict=False))
        if gold.name == "setminus":
            return _all_same(pairs, work)
        return _same_members(gold.arguments, answer.arguments, work)
    if type(gold) is Relation and type(answer) is Relation:
        return _same_relation(gold, answer, work)
    if type(gold) is Sequence and type(answer) is Sequence:
        # "x < 1 and x > 2" is nothing, "x < 1 or x > 2" is much.
        if {gold.parted, answer.parted} == {"and", "or"}:
            return _DIFFERENT
        return _same_members(gold.items, answer.items, work)
    return _DIFFERENT


def _same_matrix(gold: Matrix, answer: Matrix, work: Work) -> str:
    if [len(row) for row in gold.rows] != [len(row) for row in answer.rows]:
        return _DIFFERENT
    pairs = [
        pair
        for ours, theirs in zip(gold.rows, answer.rows, strict=True)
        for pair in zip(ours, theirs, strict=True)
    ]
    return _all_same(pairs, work)


def _same_tuple(gold: Node, items: list[Node], answer: Node, work: Work) -> str:
    """Tuples keep their order; two items in brackets may be an interval, whose brackets count."""
    if type(answer) is Bracketed and answer.left == "{" and len(answer.items) == 1:
        return _same_shape(gold, answer.items[0], work)
    found = ordered(answer)
    if found is None and type(answer) is Sequence and answer.parted == ",":
        found = answer.items if type(gold) is not Bracketed or gold.left == "(" else None
    if found is None or len(found) != len(items):
        return _DIFFERENT
    both = type(gold) is Bracketed and type(answer) is Bracketed
    if both and len(items) == 2 and _brackets(gold) != _brackets(answer):
        return _DIFFERENT
    return _all_same(list(zip(items, found, strict=True)), work)


def _brackets(node: Node) -> str:
    return node.left + node.right if type(node) is Bracketed else ""


# Relations


def _same_relation(gold: Node, answer: Node, work: Work) -> str:
    if type(gold) is Relation and type(answer) is Relation:
        if set(gold.operators) == set(answer.operators) == {":"}:
            return _same_ratio(gold.sides, answer.sides, work)
        sides, operators = answer.sides, answer.operators
        if len(operators) != len(gold.operators):
            return _DIFFERENT
        if _all_same_values(gold, sides, operators, work):
            return RIGHT
        reversible = all(operator in REVERSED for operator in operators)
        flipped = [REVERSED[operator] for operator in reversed(operators)] if reversible else []
        if reversible and _all_same_values(gold, sides[::-1], flipped, work):
            return RIGHT
        return RIGHT if same_inequality(gold, answer, work) else _DIFFERENT
    ratio, value = (gold, answer) if type(gold) is Relation else (answer, gold)
    if type(ratio) is Relation and ratio.operators == [":"] and not _is_clock(ratio.sides):
        first, second = ratio.sides
        return same_value(first, product([second, value]), work)
    return _DIFFERENT


def _all_same_values(gold: Relation, sides: list[Node], operators: list[str], work: Work) -> bool:
    pairs = list(zip(gold.sides, sides, strict=True))
    return operators == gold.operators and _all_same(pairs, work) == RIGHT


def _is_clock(sides: list[Node]) -> bool:
    last = sides[-1]
    return type(last) is Number and (last.value in _CLOCK or last.value == 0)


def _same_ratio(gold: list[Node], answer: list[Node], work: Work) -> str:
    """Ratios are equal in proportion, times of the day part by part."""
    if len(gold) == len(answer) == 2 and not (_is_clock(gold) or _is_clock(answer)):
        crossed = product([answer[0], gold[1]])
        return same_value(product([gold[0], answer[1]]), crossed, work)
    if len(gold) != len(answer):
        return _DIFFERENT
    if len(gold) > 2 and not (_is_clock(gold) or _is_clock(answer)):
        first, second = Bracketed("(", ")", answer), Bracketed("(", ")", gold)
        return _same(product([gold[0], first]), product([answer[0], second]), work)
    return _all_same(list(zip(gold, answer, strict=True)), work)


# Units


def _same_quantity(gold: Node, answer: Node, work: Work) -> str:
    """Units may be left out, not changed; percent and degrees also have their plain values."""
    if type(gold) is Quantity and type(answer) is Quantity:
        if units_agree(gold.unit, answer.unit):
            return same_answer(gold.value, answer.value, work)
        ours, theirs = scaled(gold), scaled(answer)
        alike = (is_angle(gold) and is_angle(answer)) or (is_in_base(gold) and is_in_base(answer))
        if not alike or ours is None or theirs is None:
            return _UNIT
        return same_value(ours, theirs, work)
    if type(gold) is Quantity:
        reason = same_answer(gold.value, answer, work)
        value = None if is_in_base(gold) else scaled(gold)
        return reason if reason == RIGHT or value is None else same_answer(value, answer, work)
    assert type(answer) is Quantity
    value = scaled(answer)
    if value is None:
        return _UNIT if is_in_base(answer) else same_answer(gold, answer.value, work)
    reason = same_answer(gold, value, work)
    if reason == RIGHT or not is_angle(answer):
        return reason
    return same_answer(gold, answer.value, work)
