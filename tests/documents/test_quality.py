"""Prose to ask about stays; lists, notices of a site, stuffed and repeated texts go."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_archives import prose

from crossthink_data.documents import DocumentSettings
from crossthink_data.documents.extraction import is_too_deep, main_text, tidy, without_menus
from crossthink_data.documents.quality import (
    content_fault,
    length_fault,
    prose_fault,
    repetition_fault,
)

SETTINGS = DocumentSettings()

GOOD = {
    "prose": prose(1),
    "about cookies": (
        "An HTTP cookie is a small piece of data that a server stores in the browser of a reader. "
        "Cookies let a server tell whether two requests came from the same browser, and so keep "
        "someone logged in, or remember what is in a shopping cart. A session cookie is deleted "
        "when the browser is closed, while a permanent one has a date on which it ends. Because "
        "cookies can be used to follow people from site to site, laws in many countries ask that "
        "readers agree before any is set that the site could do without. Browsers have begun to "
        "refuse cookies of third parties, which has changed how advertising is measured."
    ),
    "wrapped at a fixed width": (
        "The ship had been at sea for nine weeks when the lookout saw\n"
        "a thin line of cloud that did not move with the others. By noon\n"
        "it had become a row of hills, blue at first and then green, and\n"
        "the captain ordered the sails to be shortened. Nobody on board\n"
        "knew the coast, for the only chart they had ended a hundred\n"
        "leagues to the south. They sounded every quarter of an hour,\n"
        "and found the bottom rising under them, sand and then shells.\n"
        "Towards evening a small boat came out of the surf, with two\n"
        "men in it who waved a piece of white cloth and called to them."
    ),
    "reference": (
        "join(parts, between=' ')\nParameters\nparts: any number of strings that are joined.\n"
        "between: the string that is put between each of the parts; a single space by default.\n"
        "Return value\nA new string that holds the parts in the order in which they were given.\n"
        "Errors\nA TypeError is raised when one of the parts is not a string; none is converted.\n"
        "Notes\nThe length of the result is known before it is made, so the function allocates "
        "memory only once. Adding strings in a loop takes time that grows with the square of the "
        "number of parts.\nExample\njoin(['a', 'b'], '-')\nThe call above returns 'a-b'."
    ),
    "mathematics": (
        "Definition. A metric on a set X is a function d of two points with three rules.\n"
        "d(x, y) = 0 if and only if x = y.\nd(x, y) = d(y, x) for all x and y in X.\n"
        "d(x, z) ≤ d(x, y) + d(y, z) for all x, y and z in X, which is the triangle inequality.\n"
        "Theorem 2. Every convergent sequence in a metric space has only one limit.\n"
        "Proof. Suppose that a sequence converges to both a and b, and let e be half of d(a, b). "
        "From some place on, all terms are nearer than e to a and nearer than e to b, which the "
        "triangle inequality does not allow unless a and b are the same point."
    ),
}
BAD = {
    "little_prose": "\n".join(
        f"{place} {what}"
        for place in ("Home", "News", "Sports", "Travel", "Health", "Money", "Science", "Weather")
        for what in ("today", "archive", "top stories", "video", "photos", "about", "contact us")
    ),
    "few_common_words": "\n".join(
        f"Berg K, Moreau L, Tanaka S. Enzyme kinetics under pressure, part {n}. J Biol Phys. "
        f"{1960 + n}; {n}: 11-{n + 12}. doi 10.1000/x{n}."
        for n in range(40)
    ),
    "cookie_notice": (
        "We use cookies on this website so that you get the best experience. By clicking on accept "
        "all cookies you agree to the storing of cookies on your device. You can change cookie "
        "settings at any time, or withdraw your consent on the page of our cookie policy. Some of "
        "our partners do not ask for your consent and rely on their legitimate interest instead. "
        "Strictly necessary cookies cannot be switched off. You may choose personalised ads and "
        "content, or manage your cookies one by one, with the list of vendors and partners below. "
        "This site remembers what you have chosen for six months."
    ),
    "login_page": (
        "Please log in to continue to the members' area. Enter your email address and password "
        "in the form below. If this is your own computer you can tick the box remember me. Forgot "
        "your password? We will send you a link with which you can choose a new one. Don't have an "
        "account yet? Create an account now, which is free and takes less than a minute of time. "
        "You can also sign in with another service that you use. Not a member? Register for a free "
        "account and sign in here to read all that has been written by others."
    ),
    "error_page": (
        "Sorry, the page you are looking for does not exist on this server. The page may have been "
        "moved or deleted, or the address that you typed was not found because of a mistake in it. "
        "Error 404 means that the file could not be found. Please check the address and try again "
        "later, or go back to the start page and search from there for the page you were looking "
        "for. If you followed a link, tell us where you found it, so that it can be repaired. "
        "Please enable JavaScript in the settings of your browser if nothing can be seen at all."
    ),
    "shop_page": (
        "Buy now and save, this blender is in stock and ships within 24 hours. Add to cart and "
        "get free shipping on all orders. It now costs only $129.99 instead of $159.99 until the "
        "sale ends on Sunday. Use the discount code at the checkout, and your basket is cheaper by "
        "another $13.00 at once. We promise the best prices and a money-back guarantee. "
        "Shop now for mixers, kettles and toasters, with free returns for all of them. Add to wish "
        "list what is out of stock and we will write to you when it has come in."
    ),
    "lorem_ipsum": (
        "This is the first page of our new site, and it will soon be filled with what we have to "
        "tell about us. Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod "
        "tempor. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi. Duis "
        "aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat. "
        "Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit "
        "anim id est laborum. We thank you for the patience that you have with us and our site."
    ),
    "repeated_lines": "\n".join(["Reply to this message", "Posted by a guest of the forum"] * 40),
    "repeated_words": " ".join(
        f"The best rooms in {city} are in our hotel, because it has rooms that no other hotel has, "
        "and you can book them here."
        for city in ("Ulm", "Graz", "Lund", "Pisa", "Gent", "Cork", "Bonn", "Lyon")
    ),
    "one_word": " ".join(
        f"Casino {noun} of the casino {verb} casino players with casino {noun}s."
        for noun, verb in zip(
            ("bonus", "room", "host", "game", "table", "card", "light", "song", "prize", "name"),
            ("meets", "helps", "finds", "takes", "calls", "draws", "shows", "moves", "gets", "has"),
            strict=True,
        )
    ),
}
RULES: tuple[Callable[[str, DocumentSettings], tuple[str, str] | None], ...] = (
    prose_fault,
    repetition_fault,
    content_fault,
)


def faults(text: str, settings: DocumentSettings = SETTINGS) -> list[str]:
    return [fault[0] for rule in RULES if (fault := rule(text, settings))]


@pytest.mark.parametrize("name", GOOD)
def test_prose_to_ask_about_stays(name: str) -> None:
    assert faults(GOOD[name]) == []


@pytest.mark.parametrize("reason", BAD)
def test_what_is_not_worth_asking_about_goes_with_its_reason(reason: str) -> None:
    assert reason in faults(BAD[reason])


@pytest.mark.parametrize("reason", ["cookie_notice", "login_page", "error_page", "shop_page"])
def test_an_article_with_a_notice_under_it_stays(reason: str) -> None:
    article = "\n\n".join(GOOD.values())
    assert faults(article + "\n\n" + BAD[reason]) == []


def test_length_is_told_in_words() -> None:
    settings = DocumentSettings(min_words=3, max_words=5)
    assert length_fault("one two", settings) == ("too_short", "2 words")
    assert length_fault("one two three, it's", settings) is None
    assert length_fault("a b c d e f", settings) == ("too_long", "6 words")


def test_the_limits_can_be_moved() -> None:
    assert faults(BAD["repeated_lines"], DocumentSettings(max_repeated_lines=1)) == [
        "little_prose",
        "repeated_words",
    ]
    strict = DocumentSettings(min_prose=1)
    assert "little_prose" in faults(GOOD["reference"], strict)


def test_menus_of_flat_text_go_and_headings_stay() -> None:
    menu = ["Main menu", "Home", "About", "Contents", "Random page", "Log in"]
    lines = [*menu, "Tides", "The tide rises twice a day.", "Causes", "The moon pulls.", *menu]
    kept = without_menus("\n".join(lines)).split("\n")
    assert kept[0] == "Tides"
    assert kept[-4:-1] == ["The tide rises twice a day.", "Causes", "The moon pulls."]
    assert "Home" not in kept


def test_text_is_taken_from_the_main_part_of_a_page() -> None:
    page = (
        "<html><body><nav><a href=/>Home</a></nav><main><p>The tide rises twice a day.</p>"
        "<ul><li>A spring tide comes when the moon is full or new.</li></ul></main>"
        "<footer>Imprint</footer></body></html>"
    )
    text = main_text(page, "resiliparse")
    assert "The tide rises twice a day." in text
    assert "A spring tide comes" in text
    assert "Imprint" not in text
    assert tidy("a \r\n\r\n\r\n\r\nb\t\n") == "a\n\nb"


def test_pages_nested_without_end_are_told_and_wide_ones_are_not() -> None:
    assert is_too_deep("<div>" * 20_000 + "x" + "</div>" * 20_000)
    assert not is_too_deep("<div><p>x<br>y</p></div>" * 20_000)
    assert not is_too_deep("<p>never closed <li>as is usual " * 20_000)
