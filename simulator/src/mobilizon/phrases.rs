//! What announcements of events say, by language. `{n}` is a noun phrase, `{w}` an invented name, `{x}` a number.

/// What takes place, by language: a word that titles begin with.
pub(super) const KINDS: [(&str, &str); 6] = [
    ("fr", "Concert|Atelier|Rencontre|Balade|Projection|Fête|Débat|Repas partagé|Stage|Exposition"),
    ("en", "Concert|Workshop|Meetup|Walk|Screening|Party|Debate|Shared meal|Course|Exhibition"),
    ("de", "Konzert|Werkstatt|Treffen|Spaziergang|Filmabend|Fest|Gespräch|Küche für alle|Kurs|Ausstellung"),
    ("es", "Concierto|Taller|Encuentro|Paseo|Proyección|Fiesta|Debate|Comida popular|Curso|Exposición"),
    ("it", "Concerto|Laboratorio|Incontro|Passeggiata|Proiezione|Festa|Dibattito|Cena sociale|Corso|Mostra"),
    ("pt", "Concerto|Oficina|Encontro|Passeio|Projeção|Festa|Debate|Jantar coletivo|Curso|Exposição"),
];

/// Sentences of announcements.
const SENTENCES: [(&str, &str); 6] = [
    (
        "fr",
        "Entrée libre, on passe le chapeau.|Apportez de quoi écrire et de quoi partager.|Au programme : {n}, puis {m}.|\
         La salle ouvre une demi-heure avant.|L'équipe de {w} vous attend, avec ou sans expérience.|Il reste {x} places.|\
         Accès en bus jusqu'à l'arrêt {w}.|Les enfants sont les bienvenus.|On parlera aussi de {n}.|Buvette sur place.",
    ),
    (
        "en",
        "Free entry, we pass the hat.|Bring something to write with and something to share.|On the programme: {n}, then {m}.|\
         Doors open half an hour earlier.|The {w} crew will be there, whether you have done this before or not.|\
         There are {x} places left.|Take the bus to {w} and walk from there.|Children are welcome.|\
         We will also talk about {n}.|There is a bar on site.",
    ),
    (
        "de",
        "Eintritt frei, Spenden sind willkommen.|Bringt etwas zu schreiben und etwas zum Teilen mit.|Auf dem Programm: {n}, danach {m}.|\
         Einlass ist eine halbe Stunde vorher.|Die Leute von {w} freuen sich auf euch, mit und ohne Erfahrung.|\
         Es sind noch {x} Plätze frei.|Mit dem Bus bis {w}, von dort zu Fuß.|Kinder sind willkommen.|\
         Es geht auch um {n}.|Getränke gibt es vor Ort.",
    ),
    (
        "es",
        "Entrada libre, se pasa la gorra.|Trae algo para escribir y algo para compartir.|En el programa: {n}, y después {m}.|\
         Abrimos media hora antes.|La gente de {w} os espera, con o sin experiencia.|Quedan {x} plazas.|\
         Se llega en autobús hasta {w}.|Los niños son bienvenidos.|También hablaremos de {n}.|Habrá barra.",
    ),
    (
        "it",
        "Ingresso libero, si passa il cappello.|Porta qualcosa per scrivere e qualcosa da condividere.|In programma: {n}, poi {m}.|\
         Si apre mezz'ora prima.|Il gruppo {w} vi aspetta, con o senza esperienza.|Restano {x} posti.|\
         Si arriva in autobus fino a {w}.|I bambini sono benvenuti.|Si parlerà anche di {n}.|C'è il bar.",
    ),
    (
        "pt",
        "Entrada livre, passa-se o chapéu.|Traz algo para escrever e algo para partilhar.|No programa: {n}, depois {m}.|\
         As portas abrem meia hora antes.|O grupo {w} espera por vocês, com ou sem experiência.|Restam {x} lugares.|\
         Chega-se de autocarro até {w}.|As crianças são bem-vindas.|Também se falará de {n}.|Há bar no local.",
    ),
];

/// The sentences of a language; `None` for one without any.
pub(super) fn sentences(code: &str) -> Option<Vec<&'static str>> {
    SENTENCES.iter().find(|(known, _)| *known == code).map(|(_, sentences)| sentences.split('|').collect())
}
