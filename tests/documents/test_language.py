"""English stays, with code, formulas and names in it; what is in another language goes."""

import pytest

from crossthink_data.documents.language import in_language

ENGLISH = {
    "prose": (
        "Bread rises because yeast eats the sugar in the dough and gives off gas. The gas is "
        "caught in a net of gluten, which forms when flour and water are worked together, and the "
        "heat of the oven makes the bubbles grow before the crust is set."
    ),
    "code": (
        "To count the words of a file, open it and split each line.\n\n"
        "def count(path):\n    total = 0\n    with open(path) as lines:\n"
        "        for line in lines:\n            total += len(line.split())\n    return total\n\n"
        "The function returns the number of words; it reads one line at a time."
    ),
    "formulas": (
        "Lemma 4. Let a, b be integers with gcd(a, b) = 1. Then ax + by = 1 for some x, y.\n"
        "Proof. Let d = min{ax + by > 0}. Write a = qd + r, 0 ≤ r < d. Then r = a(1 - qx) - bqy, "
        "hence r = 0 and d | a. In the same way d | b, so d = 1."
    ),
    "names": (
        "The members of the society in 1911 were Karl-Heinz Grünwald of Graz, Étienne Delacroix "
        "of Lyon, Giovanni Bianchi of Torino, Lars Ångström of Uppsala and Ramón Ibáñez of Cádiz. "
        "Their first meeting was held at the house of Delacroix, who was also the treasurer."
    ),
    "table": (
        "Planet Radius km Moons\nMercury 2440 0\nVenus 6052 0\nEarth 6371 1\nMars 3390 2\n"
        "Jupiter 69911 95\nThe radius is that of the equator; the number of moons is as of 2023."
    ),
    "protocol": (
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
    "latin names": (
        "The genus Salix has some 400 species. Salix alba, Salix fragilis and Salix caprea grow "
        "along rivers in Europe; Salix herbacea is found on mountains, where it is only a few "
        "centimetres high."
    ),
}
OTHERS = {
    "German": (
        "Brot geht auf, weil die Hefe den Zucker im Teig frisst und dabei Gas abgibt. Das Gas "
        "bleibt in dem Netz hängen, das sich aus Mehl und Wasser beim Kneten bildet, und in der "
        "Hitze des Ofens wachsen die Blasen, bevor die Kruste fest wird."
    ),
    "Dutch": (
        "Brood rijst omdat de gist de suiker in het deeg eet en daarbij gas afgeeft. Het gas "
        "wordt gevangen in een net van gluten dat ontstaat als bloem en water worden gekneed, en "
        "in de hitte van de oven groeien de bellen voordat de korst hard is."
    ),
    "French": (
        "Le pain lève parce que la levure mange le sucre de la pâte et rejette du gaz. Le gaz "
        "est retenu dans un réseau qui se forme quand on pétrit la farine avec de l'eau, et la "
        "chaleur du four fait grandir les bulles avant que la croûte ne durcisse."
    ),
    "Spanish": (
        "El pan sube porque la levadura come el azúcar de la masa y suelta gas. El gas queda "
        "atrapado en una red que se forma cuando se amasan la harina y el agua, y el calor del "
        "horno hace crecer las burbujas antes de que la corteza se endurezca."
    ),
    "Portuguese": (
        "O pão cresce porque a levedura come o açúcar da massa e liberta gás. O gás fica preso "
        "numa rede que se forma quando se amassam a farinha e a água, e o calor do forno faz "
        "crescer as bolhas antes de a crosta endurecer."
    ),
    "Catalan": (
        "El pa puja perquè el llevat es menja el sucre de la massa i deixa anar gas. El gas queda "
        "atrapat en una xarxa que es forma quan es pasten la farina i l'aigua, i l'escalfor del "
        "forn fa créixer les bombolles abans que la crosta s'endureixi."
    ),
    "Aragonese": (
        "O pan puya porque o levau se mincha o zucre d'a masa y fa gas. O gas remane en un ret que "
        "se forma quan se pastan a farina y l'augua, y a calor d'o forno fa creixer as bambollas "
        "antes que a crosta se faiga dura. Ixo ye o que fan en toz os lugars d'a val."
    ),
    "Italian": (
        "Il pane lievita perché il lievito mangia lo zucchero della pasta e produce gas. Il gas "
        "resta preso in una rete che si forma quando si impastano la farina e l'acqua, e il calore "
        "del forno fa crescere le bolle prima che la crosta si indurisca."
    ),
    "Danish": (
        "Brød hæver, fordi gæren spiser sukkeret i dejen og afgiver luft. Luften fanges i et net, "
        "der dannes, når mel og vand æltes sammen, og varmen i ovnen får boblerne til at vokse, "
        "før skorpen bliver hård."
    ),
    "Frisian": (
        "Brea riist om't de gêst de sûker yn it daai yt en dêrby gas ôfjout. It gas wurdt fongen "
        "yn in net dat ûntstiet as moal en wetter knede wurde, en yn 'e hjittens fan de ûne groeie "
        "de bellen foardat de koarste hurd is."
    ),
    "Scots with much English": (
        "Photosynthesis is the wey that plants maks succar frae watter an carbon dioxide wi the "
        "help o licht. The oxygen that is made gangs intae the air, an athoot it there wadna be "
        "muckle life on the yird."
    ),
    "Nigerian Pidgin": (
        "Photosynthesis na di process wey plants dey take make sugar from water and carbon dioxide "
        "with help of light. Di oxygen wey e make dey go inside air, and na dat one pipol dey take "
        "breathe. If light no dey, di plant no go fit make sugar."
    ),
    "Scots": (
        "Breid rises acause the barm eats the succar in the daich an gies aff gas. The gas is "
        "catched in a net that is made whan flour an watter is wrocht thegither, an the heat frae "
        "the oven gars the bubbles growe afore the crust is set, sae it haes tae bide a while. "
        "Maist fowk in the toun wis fond o it, an thair mithers made it frae auld receipts."
    ),
    "Latin": (
        "Panis crescit quia fermentum saccharum in massa consumit et aerem emittit. Aer in rete "
        "capitur quod fit cum farina et aqua simul subiguntur, et calore furni bullae crescunt "
        "antequam crusta durescat."
    ),
    "Tagalog": (
        "Umaalsa ang tinapay dahil kinakain ng lebadura ang asukal sa masa at naglalabas ito ng "
        "hangin. Nahuhuli ang hangin sa lambat na nabubuo kapag minasa ang harina at tubig, at "
        "pinalalaki ng init ng pugon ang mga bula bago tumigas ang balat."
    ),
    "Russian": (
        "Хлеб поднимается, потому что дрожжи едят сахар в тесте и выделяют газ. Газ остаётся в "
        "сетке, которая образуется, когда месят муку с водой."
    ),
    "Chinese": "面包会发起来，是因为酵母吃掉面团里的糖，并放出气体。揉面的时候形成的网把气体留住。",
}


@pytest.mark.parametrize("name", ENGLISH)
def test_english_stays(name: str) -> None:
    assert in_language(ENGLISH[name], "en") == ""


@pytest.mark.parametrize("name", OTHERS)
def test_other_languages_go(name: str) -> None:
    assert in_language(OTHERS[name], "en") != ""


@pytest.mark.parametrize("name", ["German", "French", "Spanish", "Catalan", "Russian"])
def test_a_page_half_in_another_language_goes_and_one_that_quotes_it_stays(name: str) -> None:
    english, other = ENGLISH["prose"] + "\n", OTHERS[name] + "\n"
    assert in_language(english * 3 + other * 4, "en").startswith("partly ")
    assert in_language(english * 6 + other, "en") == ""


def test_another_language_can_be_wanted() -> None:
    assert in_language(OTHERS["German"], "de") == ""
    assert in_language(ENGLISH["prose"], "de") == "en"


def test_a_text_without_words_is_not_called_foreign() -> None:
    assert in_language("1 + 1 = 2", "en") == ""
