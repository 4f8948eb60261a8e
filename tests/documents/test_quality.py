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
    "questions and answers": (
        "Frequently asked questions about vaccines\n\nWhat is a vaccine?\nA vaccine trains the "
        "immune system to recognise a pathogen without causing the disease.\n\nDo vaccines "
        "contain live viruses?\nSome do. Live attenuated vaccines contain weakened viruses, for "
        "example measles and yellow fever.\n\nHow long does immunity last?\nIt depends on the "
        "disease. Tetanus boosters are needed every ten years.\n\nCan I get flu from the flu "
        "shot?\nNo. The injected vaccine is inactivated.\n\nWhy are two doses needed?\nThe first "
        "dose primes memory cells. The second raises antibody levels.\n\nWho should not be "
        "vaccinated?\nPeople with severe allergy to a component should talk to a doctor first."
    ),
    "lecture notes": (
        "Lecture 7: Orthogonality\n\nRecall: u·v = u1v1 + u2v2 + ... + unvn.\n\nDefinition\n"
        "Vectors u, v are orthogonal if u·v = 0.\n\nFacts\n- u·v = v·u\n- (cu)·v = c(u·v)\n- u·u "
        "≥ 0, with equality iff u = 0\n\nTheorem (Pythagoras). If u ⊥ v then |u + v|² = |u|² + "
        "|v|².\nProof. |u + v|² = u·u + 2u·v + v·v = |u|² + |v|².\n\nExample. u = (1, 2), v = "
        "(-2, 1): u·v = -2 + 2 = 0.\n\nProjection of y onto u: (y·u / u·u) u.\n\nGram-Schmidt\n"
        "1. v1 = x1\n2. v2 = x2 - (x2·v1 / v1·v1) v1\n3. Continue in the same way until no "
        "vectors are left.\n\nWhy it works: each step subtracts the part of the new vector that "
        "lies along the earlier ones, so that what remains is orthogonal to all of them.\n\n"
        "Homework: 6.2 #1-15 odd."
    ),
    "glossary": (
        "Glossary of geology\n\nAquifer – a layer of rock that holds water.\nBasalt – a dark, "
        "fine-grained volcanic rock.\nCaldera – a large crater formed by collapse of a volcano.\n"
        "Delta – sediment deposited where a river meets the sea.\nEpicentre – the point on the "
        "surface above the focus of an earthquake.\nFault – a fracture along which movement has "
        "occurred.\nGneiss – a banded metamorphic rock.\nIgneous – formed from molten rock.\n"
        "Karst – landscape formed by dissolution of limestone.\nLahar – a mudflow of volcanic "
        "debris.\nMagma – molten rock below the surface.\nMoraine – debris left by a glacier.\n"
        "Strike – the compass direction of a horizontal line on a tilted bed.\nUnconformity – a "
        "gap in the rock record."
    ),
    "statute": (
        'Section 12. Duty of care\n\n(1) An occupier of premises owes the same duty, the "common '
        'duty of care", to all his visitors, except in so far as he is free to and does extend, '
        "restrict, modify or exclude his duty to any visitor by agreement or otherwise.\n\n(2) "
        "The common duty of care is a duty to take such care as in all the circumstances of the "
        "case is reasonable to see that the visitor will be reasonably safe in using the "
        "premises for the purposes for which he is invited;\n\n(a) an occupier must be prepared "
        "for children to be less careful than adults; and\n\n(b) an occupier may expect that a "
        "person, in the exercise of his calling, will appreciate and guard against any special "
        "risks ordinarily incident to it."
    ),
    "protocol of a laboratory": (
        "Plasmid miniprep\n\nReagents: P1 (50 mM Tris, 10 mM EDTA, RNase A), P2 (0.2 M NaOH, 1% "
        "SDS), N3 (4.2 M guanidine HCl, 0.9 M KOAc).\n\n1. Pellet 3 ml overnight culture, 5 min, "
        "8,000 rpm.\n2. Resuspend in 250 µl P1.\n3. Add 250 µl P2. Invert 4-6 times. Do not "
        "vortex.\n4. Add 350 µl N3. Invert immediately.\n5. Spin 10 min, 13,000 rpm.\n6. Apply "
        "supernatant to column. Spin 60 s. Discard flow-through.\n7. Wash with 0.75 ml PE. Spin "
        "60 s.\n8. Elute with 50 µl EB.\n\nNotes\nGenomic DNA is sheared by vortexing and will "
        "then contaminate the plasmid.\nSDS denatures proteins; the neutralisation step "
        "precipitates them with the chromosomal DNA, while the small plasmid renatures and stays "
        "in solution."
    ),
    "half a table": (
        "Half-lives of isotopes\n\nIsotope\tHalf-life\tDecay\nC-14\t5,730 years\tbeta\n"
        "I-131\t8.02 days\tbeta\nCs-137\t30.2 years\tbeta\nPu-239\t24,100 years\talpha\n"
        "Ra-226\t1,600 years\talpha\nRn-222\t3.82 days\talpha\nU-235\t704 million years\talpha\n"
        "U-238\t4.47 billion years\talpha\n\nThe half-life is the time after which half of the "
        "nuclei of a sample have decayed. It does not depend on temperature, pressure or "
        "chemical form. After ten half-lives about a thousandth of the sample is left. Isotopes "
        "with short half-lives are more radioactive per gram than those with long ones, since "
        "more nuclei decay each second."
    ),
    "timeline": (
        "Timeline of the French Revolution\n\n1789\n5 May: The Estates-General meets at "
        "Versailles.\n14 July: The Bastille is stormed.\n26 August: Declaration of the Rights of "
        "Man and of the Citizen.\n5 October: Women march on Versailles.\n\n1791\n20 June: The "
        "king flees to Varennes and is caught.\n3 September: A constitution is adopted.\n\n1792\n"
        "20 April: War is declared on Austria.\n10 August: The Tuileries are stormed.\n22 "
        "September: The republic is proclaimed.\n\n1793\n21 January: Louis XVI is executed.\n6 "
        "April: The Committee of Public Safety is set up.\n13 July: Marat is murdered by "
        "Charlotte Corday.\n\n1794\n28 July: Robespierre is executed, and the Terror ends."
    ),
    "reference on a drug": (
        "Metformin\n\nClass: biguanide\nRoute: oral\nIndication: type 2 diabetes mellitus, first "
        "line\nMechanism: decreases hepatic gluconeogenesis; increases peripheral insulin "
        "sensitivity\nContraindications: eGFR < 30, acidosis, severe hepatic impairment\nAdverse "
        "effects: diarrhoea, nausea, metallic taste, vitamin B12 deficiency\nRare: lactic "
        "acidosis\nPregnancy: considered safe\n\nHold metformin on the day of iodinated contrast "
        "when eGFR is below 30, and restart after 48 hours if renal function is stable. It does "
        "not cause hypoglycaemia when used alone, because it does not stimulate insulin "
        "secretion. Weight is neutral or falls slightly. Long-term users should have vitamin B12 "
        "measured every few years, above all when anaemia or neuropathy appears."
    ),
    "law of shops": (
        "The law of consumer sales\n\nWhen a shop displays goods with a price, it makes no offer "
        "in law but an invitation to treat. The customer makes the offer at the till, and the "
        "shop may refuse it. So a shop that marked a television at £19.99 in place of £199.99 "
        "need not sell it at that price. Online, the order of the customer is the offer, and "
        "most terms say that the contract is made when the goods are dispatched. Under the "
        "Consumer Rights Act 2015 goods must be of satisfactory quality, fit for purpose and as "
        "described. The buyer may reject faulty goods within 30 days, and free returns must be "
        'offered for them. An advertisement that says "buy now" or "free shipping" is a mere '
        "puff unless it is definite and shows an intention to be bound."
    ),
    "about passwords": (
        "Passwords and sign-in\n\nTo sign in with a password, a server compares a hash of what "
        "was typed with the hash in its database. The password itself should never be stored. A "
        "salt, a random value for each account, makes tables of precomputed hashes useless. Slow "
        "functions such as bcrypt, scrypt or Argon2 make guessing dear. Two-factor "
        "authentication asks for a second proof, such as a code from an app or a hardware key. "
        "Phishing defeats codes, since the victim types them into the page of the attacker, but "
        "a hardware key checks the address of the site and will not sign for another one. When a "
        "user has forgotten a password, a link with a token that expires is sent by e-mail."
    ),
    "transcript": (
        "PROFESSOR: OK. So last time we saw that entropy never decreases. Right? Today, "
        "Maxwell's demon. So picture a box. Two halves. A little door. The demon opens the door "
        "for fast molecules going right. Slow ones going left. What happens? Yeah?\n\nSTUDENT: "
        "One side gets hot.\n\nPROFESSOR: Right. And no work done. So we broke the second law. "
        "Or did we? Landauer, 1961: erasing a bit costs kT log 2. The demon has to remember. Its "
        "memory fills up. Erase it, and you pay. Bennett worked out the rest in 1982.\n\n"
        "STUDENT: So information is physical?\n\nPROFESSOR: That's the slogan. OK. Let's do the "
        "math."
    ),
}
BAD = {
    "parked_domain": (
        "This domain is for sale. The domain name example-site.com is available for purchase. "
        "Get a price in less than 24 hours. Fill out the form below. One of our domain experts "
        "will have a price to you within 24 business hours. First name, last name, email, phone. "
        "By clicking request price I acknowledge that my information will be processed. Why buy "
        "this domain? A memorable name builds trust with customers. Buyer protection program. "
        "When you buy a domain name here, you are covered by our buyer protection. Fast and easy "
        "transfers, 98% of all domain ownership transfers are completed within 24 hours."
    ),
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
