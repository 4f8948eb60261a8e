"""The names of units, and the keys they have."""

__all__ = ["PHRASES", "SYMBOLS", "WORDS"]

_PREFIXES = {
    "k": "kilo",
    "m": "milli",
    "c": "centi",
    "d": "deci",
    "μ": "micro",
    "n": "nano",
    "p": "pico",
    "f": "femto",
    "M": "mega",
    "G": "giga",
    "T": "tera",
    "P": "peta",
    "h": "hecto",
    "da": "deca",
}

# Symbol | words, singular and plural; a prefix may stand before any of them.
_METRIC = """
m|meter meters metre metres
g|gram grams gramme grammes
s|second seconds
A|ampere amperes amp amps
K|kelvin kelvins
mol|mole moles
cd|candela candelas
Hz|hertz
N|newton newtons
Pa|pascal pascals
J|joule joules
W|watt watts
C|coulomb coulombs
V|volt volts
F|farad farads
Ω|ohm ohms
S|siemens mho mhos
Wb|weber webers
T|tesla teslas
H|henry henrys henries
lm|lumen lumens
lx|lux
Bq|becquerel becquerels
Gy|gray grays
Sv|sievert sieverts
L|liter liters litre litres
eV|electronvolt electronvolts
cal|calorie calories
bar|bars
bit|bits
B|byte bytes
M|molar
Ci|curie curies
G|gauss
Da|dalton daltons
pc|parsec parsecs
Wh|watthour watthours
VA|voltampere voltamperes
rad|radian radians
dyn|dyne dynes
"""

# Key | spellings whose case matters | words, whose case does not.
_OTHERS = """
°|°|degree degrees deg degs
°C|°C ℃ degC C° oC|celsius centigrade celcius
°F|°F ℉ degF F° oF|fahrenheit farenheit
K|°K degK|
°R|°R degR|rankine
%|%|percent percents pct
‰|‰|permille
ppm|ppm|
ppb|ppb|
$|$ US$ USD|dollar dollars usd buck bucks
cent|¢ ct|cent cents
£|£ GBP|gbp quid
€|€ EUR|euro euros
¥|¥ JPY|yen jpy
yuan|CNY RMB|yuan rmb cny renminbi
₹|₹ INR Rs|rupee rupees inr
peso||peso pesos
franc|CHF|franc francs
krona||krona kronor
rouble|₽|rouble roubles ruble rubles
won|₩|won
kg||kilo kilos kgs
g|gm|gms
t||ton tons
tonne||tonne tonnes
lb|lb lbs lbm|pound pounds
oz|oz|ounce ounces
stone||stone stones
grain||grain grains
slug||slug slugs
carat||carat carats
in|in in.|inch inches
ft|ft ft.|foot feet
yd|yd yds|yard yards
mi|mi mi.|mile miles
nmi|nmi|
Å|Å A°|angstrom angstroms ångström ångströms
AU|AU au|
ly|ly|lightyear lightyears
min|min min.|minute minutes mins
h|h hr hrs hr. hrs.|hour hours
s|sec sec. secs|
d|d|day days
week|wk wks|week weeks
month|mo mos|month months
year|yr yrs yr. yrs. y|year years
decade||decade decades
century||century centuries
fortnight||fortnight fortnights
mL|cc ccs|
gal|gal gal.|gallon gallons
qt|qt|quart quarts
pt|pt|pint pints
cup||cup cups
tbsp|tbsp Tbsp|tablespoon tablespoons
tsp|tsp|teaspoon teaspoons
barrel|bbl|barrel barrels
bushel|bu|bushel bushels
acre||acre acres
ha|ha|hectare hectares
kn|kn kt|knot knots
mach|Mach|
atm|atm atm.|atmosphere atmospheres
mmHg|mmHg|
inHg|inHg|
Torr|torr Torr|torr
psi|psi PSI|psi
psia|psia|
psig|psig|
ksi|ksi|
lbf|lbf|poundforce
kgf|kgf|
kip||kip kips
poundal||poundal poundals
Btu|Btu BTU btu|btu btus
erg||erg ergs
therm||therm therms
hp|hp HP|horsepower
rev|rev|revolution revolutions revs
turn||turn turns
rad|rads|
sr|sr|steradian steradians
arcmin||arcmin arcminute arcminutes
arcsec||arcsec arcsecond arcseconds
u|u amu|amu
molal||molal
normal||normal
dB|dB db|decibel decibels
D||debye debyes
diopter||diopter diopters dioptre dioptres
R||roentgen roentgens
P||poise
KiB|KiB|kibibyte kibibytes
MiB|MiB|mebibyte mebibytes
GiB|GiB|gibibyte gibibytes
IU|IU|
osmol|osm Osm|osmol osmols osmole osmoles
"""

_COUNTED = """
person:people student unit item piece point time way egg apple orange book ball marble card
coin page line bag box:boxes car dog cat bird fish animal child:children boy girl man:men
woman:women worker employee customer player team game vote seat ticket cookie pencil pen chair table
room house tree flower word letter digit number element member atom molecule electron proton neutron
photon ion particle nucleus:nuclei cell bond gene base chromosome amino cycle disintegration:dis
count event step term factor pair group set row column side edge vertex:vertices face triangle
square circle block tile cube sheet slice plate bottle can glass:glasses bowl pack packet
carton bacterium:bacteria ship boat train bus:buses bike bicycle trip lap run goal share bond stock
song movie film photo picture stamp shirt sock shoe hat sticker crayon solution arrangement
permutation combination outcome subset path integer root possibility:possibilities quarter dime
nickel penny:pennies load turnover equivalent part score beat breath
"""


def _spellings() -> tuple[dict[str, str], dict[str, str]]:
    """What case-sensitive symbols and what caseless words mean."""
    symbols: dict[str, str] = {}
    words: dict[str, str] = {}
    for noun in _COUNTED.split():
        single, _, many = noun.partition(":")
        words[single] = words[single + "s"] = words[many or single] = single
    for line in _OTHERS.strip().split("\n"):
        key, exact, caseless = line.split("|")
        symbols.update((spelling, key) for spelling in exact.split())
        words.update((word, key) for word in caseless.split())
    for line in _METRIC.strip().split("\n"):
        symbol, names = line.split("|")
        symbols[symbol] = symbol
        words.update((name, symbol) for name in names.split())
        for short, long in _PREFIXES.items():
            symbols.setdefault(short + symbol, short + symbol)
            words.update((long + name, short + symbol) for name in names.split())
    return symbols, words


SYMBOLS, WORDS = _spellings()
SYMBOLS.update(
    {
        "l": "L",
        "ml": "mL",
        "dl": "dL",
        "cl": "cL",
        "μl": "μL",
        "KB": "kB",
        "Kb": "kbit",
        "kb": "kbit",
        "Mb": "Mbit",
        "Gb": "Gbit",
        "b": "bit",
        "Kg": "kg",
        "KG": "kg",
        "Km": "km",
        "KM": "km",
        "CM": "cm",
        "Kcal": "kcal",
        "Cal": "kcal",
        "micron": "μm",
        "ohm": "Ω",
        "'": "ft",
        "moles": "mol",
    }
)
WORDS.update({"micron": "μm", "microns": "μm", "kcals": "kcal", "cals": "cal"})
WORDS.update({"kms": "km", "cms": "cm", "mms": "mm"})
WORDS.update(
    {"kwh": "kWh", "kwhr": "kWh", "kwhrs": "kWh", "cps": "Hz", "kohm": "kΩ", "kilohm": "kΩ"}
)

PHRASES = {
    "°c": "°C",
    "°f": "°F",
    "mph": "mi/h",
    "kph": "km/h",
    "kmh": "km/h",
    "kmph": "km/h",
    "rpm": "rev/min",
    "rps": "rev/s",
    "mpg": "mi/gal",
    "bps": "bit/s",
    "kbps": "kbit/s",
    "mbps": "Mbit/s",
    "gbps": "Gbit/s",
    "bpm": "beat/min",
    "mm hg": "mmHg",
    "mm of hg": "mmHg",
    "mm of mercury": "mmHg",
    "millimeters of mercury": "mmHg",
    "millimetres of mercury": "mmHg",
    "millimeter of mercury": "mmHg",
    "cm hg": "cmHg",
    "cm of hg": "cmHg",
    "in hg": "inHg",
    "inches of mercury": "inHg",
    "lb/in^2": "psi",
    "lbs/in^2": "psi",
    "lbf/in^2": "psi",
    "lb/in2": "psi",
    "lb/sq in": "psi",
    "pounds per square inch": "psi",
    "pound per square inch": "psi",
    "per cent": "%",
    "per cents": "%",
    "percentage": "%",
    "parts per million": "ppm",
    "parts per billion": "ppb",
    "us dollars": "$",
    "u.s. dollars": "$",
    "us dollar": "$",
    "american dollars": "$",
    "dollars us": "$",
    "chinese yuan": "yuan",
    "pounds sterling": "£",
    "pound sterling": "£",
    "british pounds": "£",
    "japanese yen": "¥",
    "indian rupees": "₹",
    "electron volt": "eV",
    "electron volts": "eV",
    "light years": "ly",
    "light year": "ly",
    "light-years": "ly",
    "light-year": "ly",
    "astronomical units": "AU",
    "astronomical unit": "AU",
    "nautical miles": "nmi",
    "nautical mile": "nmi",
    "metric tons": "tonne",
    "metric ton": "tonne",
    "fluid ounces": "floz",
    "fluid ounce": "floz",
    "fl oz": "floz",
    "fl. oz.": "floz",
    "atomic mass units": "u",
    "atomic mass unit": "u",
    "degrees of arc": "°",
    "angular degrees": "°",
    "minutes of arc": "arcmin",
    "seconds of arc": "arcsec",
    "kilowatt hours": "kWh",
    "kilowatt hour": "kWh",
    "kilowatt-hours": "kWh",
    "kilowatt-hour": "kWh",
    "watt hours": "Wh",
    "watt-hours": "Wh",
    "kw-hr": "kWh",
    "kw hr": "kWh",
    "kw-h": "kWh",
    "foot pounds": "ft·lb",
    "foot-pounds": "ft·lb",
    "foot-pound": "ft·lb",
    "foot pound": "ft·lb",
    "revolution per minute": "rev/min",
    "horse power": "hp",
    "moles per liter": "M",
    "moles per litre": "M",
    "mole per liter": "M",
    "mol/l": "M",
    "mol l^-1": "M",
    "mol dm^-3": "mol·dm^-3",
    "amino acids": "amino acid",
    "base pairs": "base pair",
}
WORDS.update({"kilohms": "kΩ", "kohms": "kΩ", "megohm": "MΩ", "megohms": "MΩ", "mohm": "MΩ"})
