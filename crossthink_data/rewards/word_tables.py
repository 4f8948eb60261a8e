"""Words with an irregular plural, another spelling or none of the endings they seem to have."""

__all__ = ["KNOWN_WORDS", "ROMAN"]

_ROMAN = """
ii 2 iii 3 iv 4 vi 6 vii 7 viii 8 ix 9 xii 12 xiii 13 xiv 14 xv 15 xvi 16 xvii 17 xviii 18 xix 19
xx 20 xxi 21 xxii 22 xxiii 23 xxiv 24 xxv 25
"""
_IRREGULAR = """
mice mouse feet foot geese goose men man women woman children child teeth tooth people person
phenomena phenomenon criteria criterion bacteria bacterium mitochondria mitochondrion nuclei nucleus
fungi fungus alumni alumnus stimuli stimulus radii radius foci focus loci locus analyses analysis
hypotheses hypothesis crises crisis theses thesis syntheses synthesis diagnoses diagnosis
matrices matrix vertices vertex indices index leaves leaf wolves wolf halves half knives knife
shelves shelf cacti cactus larvae larva antennae antenna formulae formula vertebrae vertebra
alveoli alveolus ova ovum spectra spectrum quanta quantum strata stratum gases gas viruses virus
buses bus heroes hero potatoes potato tomatoes tomato echoes echo lenses lens
"""
_SPELLINGS = """
vs v versus v junior jr senior sr saint st mount mt grey gray aluminium aluminum
sulphur sulfur centre center centres center fibre fiber fibres fiber litre liter litres liter
metre meter metres meter theatre theater defence defense offence offense catalogue catalog
programme program judgement judgment ageing aging cheque check tyre tire mould mold sceptical
skeptical modelling modeling modelled modeled labelling labeling labelled labeled travelling
traveling travelled traveled cancelled canceled cancelling canceling signalling signaling
haemoglobin hemoglobin anaemia anemia oestrogen estrogen oesophagus esophagus foetus fetus foetal
fetal paediatric pediatric haemorrhage hemorrhage leukaemia leukemia diarrhoea diarrhea faeces
feces orthopaedic orthopedic caesium cesium gynaecology gynecology anaesthesia anesthesia
anaesthetic anesthetic haemophilia hemophilia manoeuvre maneuver encyclopaedia encyclopedia
mediaeval medieval archaeology archeology
"""
_NO_PLURALS = """
news means goods arms customs glasses species economics politics dynamics mechanics ethics athens
texas kansas arkansas wales james adams williams roberts edwards rogers jones bills mercedes rhodes
naples descartes hobbes hercules achilles illinois versailles brussels angeles does has was always
besides sometimes works needs hers ours yours theirs brooks banks stevens richards peters hughes
diabetes rabies mumps mars lens
charles socrates hades ares thales moses niels hobbs hermes andes ganges cannes series gallows
scabies caries sophocles euripides archimedes pericles xerxes diogenes demosthenes thucydides
hippocrates parmenides heracles aristophanes ulysses
"""
_PLURALS = """
topics tropics critics clinics comics picnics antibiotics plastics ceramics fabrics relics metrics
skeptics mosaics graphics cubics quadratics eccentrics ideas areas formulas commas dramas pandas
pizzas agendas quotas diplomas dilemmas cameras arenas eras schemas visas sodas plasmas lavas
stigmas traumas antennas betas alphas gammas deltas sigmas pleas seas teas peas boas ratios videos
radios studios photos memos casinos portfolios scenarios zeros kilos avocados embryos euros pesos
pianos rhinos hippos flamingos volcanos zoos tattoos kangaroos trios duos egos silos halos stereos
"""


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


ROMAN = _pairs(_ROMAN)
"""Roman numeral of two letters or more -> its digits."""

KNOWN_WORDS = {**_pairs(_IRREGULAR), **_pairs(_SPELLINGS)}
"""Word -> its singular in American spelling, where no rule gives it."""
KNOWN_WORDS.update((word, word) for word in _NO_PLURALS.split())
KNOWN_WORDS.update((word, word[:-1]) for word in _PLURALS.split())
