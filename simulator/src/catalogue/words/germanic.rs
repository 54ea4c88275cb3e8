//! English and German.

use super::{LATIN_SYLLABLES, Source};

pub(super) const ENGLISH: Source = Source {
    code: "en",
    label: "English",
    gap: " ",
    syllables: LATIN_SYLLABLES,
    topics: [
        "free software|home servers|the command line|open hardware|solar panels|encryption|old laptops|radio waves|3D printing|databases|the fediverse|microcontrollers",
        "folk songs|the bass guitar|a brass band|choir practice|modular synths|street concerts|drum patterns|the violin|home recording|field sounds|lullabies|jazz standards",
        "sourdough bread|vegetable soup|fermented cabbage|apple pie|lentil curry|goat cheese|winter salads|pickled lemons|fresh pasta|oat milk|wild garlic|plum jam",
        "night trains|mountain huts|canal boats|cycling trips|island ferries|the old harbour|desert roads|village markets|coastal paths|city trams|lighthouses|river valleys",
        "prime numbers|black holes|plate tectonics|the water cycle|ancient scripts|statistics|cell biology|map projections|medieval towns|chemistry at home|the periodic table|geometry",
        "bicycle repair|wood carving|knitting|natural dyes|clay pots|sewing machines|roof insulation|hand tools|candle making|book binding|bamboo frames|paper kites",
        "puzzle games|board games|speedruns|retro consoles|chess openings|card tricks|level design|dungeon maps|pixel art|racing games|text adventures|cooperative games",
        "garden birds|bumblebees|hedgehogs|old oak trees|tide pools|urban foxes|mushrooms|wildflower meadows|barn owls|pond life|mountain goats|jellyfish",
    ],
    titles: "How to start with {n}|{n} and {m}: a short introduction|Why {n} still matter to us|{w}, episode {x}: {n}|A quiet evening with {n}|{n} for beginners, part {x}|What we learned about {n} in {w}|From {n} to {m} in {x} minutes|The {w} talks: {n}|{x} questions about {n}",
    sentences: "In this video we talk about {n} and {m}.|The second part looks at {n}, with examples from {w}.|You will find the notes and the sources below.|Thanks to everyone in {w} who helped with this recording.|We tried {n} for {x} weeks and wrote down what happened.|If you only have a little time, start with {m}.|Nothing here is new, but it took us {x} attempts to get it right.|Questions about {n} are welcome in the comments.|The music and the pictures were made by the {w} group.|Next month we return to {m} and to what you sent us.",
};

pub(super) const GERMAN: Source = Source {
    code: "de",
    label: "German",
    gap: " ",
    syllables: "ber|lin|gar|ten|wal|dor|fel|se|hau|mar|bach|rei|stei|vo|gel|heim|tal|kra|nu|brü|mö|lie|wen|dra",
    topics: [
        "freie Software|der eigene Server|die Kommandozeile|offene Hardware|Solarmodule|Verschlüsselung|alte Rechner|Kurzwellenfunk|3D-Druck|Datenbanken|das Fediversum|Mikrocontroller",
        "Volkslieder|die Bassgitarre|Blasmusik|die Chorprobe|modulare Synthesizer|Straßenmusik|Trommelrhythmen|die Geige|Heimaufnahmen|Klanglandschaften|Wiegenlieder|Jazzklassiker",
        "Sauerteigbrot|Gemüsesuppe|Sauerkraut|Apfelkuchen|Linseneintopf|Ziegenkäse|Wintersalate|eingelegte Gurken|frische Nudeln|Hafermilch|Bärlauch|Zwetschgenmus",
        "Nachtzüge|Berghütten|Hausboote|Fahrradreisen|Inselfähren|der alte Hafen|Wüstenstraßen|Wochenmärkte|Küstenwege|Straßenbahnen|Leuchttürme|Flusstäler",
        "Primzahlen|Schwarze Löcher|Plattentektonik|der Wasserkreislauf|alte Schriften|Statistik|Zellbiologie|Kartenprojektionen|mittelalterliche Städte|Chemie zu Hause|das Periodensystem|Geometrie",
        "Fahrradreparatur|Holzschnitzen|Stricken|Pflanzenfarben|Töpfern|Nähmaschinen|Dachdämmung|Handwerkzeuge|Kerzen|Buchbinden|Lastenräder|Papierdrachen",
        "Rätselspiele|Brettspiele|Geschwindigkeitsläufe|alte Konsolen|Schacheröffnungen|Kartentricks|Spielentwicklung|Verlieskarten|Pixelkunst|Rennspiele|Textabenteuer|Gemeinschaftsspiele",
        "Gartenvögel|Hummeln|Igel|alte Eichen|Gezeitentümpel|Stadtfüchse|Pilze|Blumenwiesen|Schleiereulen|Teichleben|Steinböcke|Quallen",
    ],
    titles: "{n}: so gelingt der Anfang|{n} und {m} – eine kurze Einführung|Warum {n}?|{w}, Folge {x}: {n}|Ein Abend über {n}|{n} für Einsteiger, Teil {x}|Zu Besuch in {w}: {n}|{x} Fragen und Antworten: {n}|Werkstattgespräch {w}: {n} und {m}",
    sentences: "In diesem Film geht es um zwei Themen: {n} und {m}.|Der zweite Teil kommt aus {w}.|Notizen und Quellen stehen weiter unten.|Danke an alle in {w}, die bei der Aufnahme geholfen haben.|Unser Versuch dauerte {x} Wochen.|Wer wenig Zeit hat, beginnt hier: {m}.|Neu ist das nicht, aber wir brauchten {x} Anläufe.|Fragen zum Thema „{n}“ gern in die Kommentare.|Musik und Bilder stammen von der Gruppe {w}.|Im nächsten Monat folgt: {m}.",
};
