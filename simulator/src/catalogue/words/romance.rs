//! French, Spanish, Italian and Portuguese.

use super::{LATIN_SYLLABLES, Source};

pub(super) const FRENCH: Source = Source {
    code: "fr",
    label: "French",
    gap: " ",
    syllables: "bel|vau|mon|lé|ri|cour|ton|ché|val|sau|dre|ma|lou|pré|gny|ran|toi|fé|bour|la|vè|ne|sol|quai",
    topics: [
        "logiciel libre|serveur à la maison|ligne de commande|matériel ouvert|panneau solaire|chiffrement|vieux portable|ondes courtes|impression 3D|bases de données|fédivers|microcontrôleur",
        "chanson populaire|guitare basse|fanfare|répétition de chorale|synthétiseur modulaire|concert de rue|rythmes de batterie|violon|enregistrement maison|paysages sonores|berceuse|standards de jazz",
        "pain au levain|soupe de légumes|chou fermenté|tarte aux pommes|curry de lentilles|fromage de chèvre|salade d'hiver|citron confit|pâtes fraîches|lait d'avoine|ail des ours|confiture de prunes",
        "train de nuit|refuge de montagne|péniche|voyage à vélo|traversée vers les îles|vieux port|route du désert|marché de village|sentier côtier|tramway|phare|vallée de la rivière",
        "nombres premiers|trou noir|tectonique des plaques|cycle de l'eau|écritures anciennes|statistiques|biologie cellulaire|projection cartographique|ville médiévale|chimie à la maison|tableau périodique|géométrie",
        "réparation de vélo|sculpture sur bois|tricot|teinture végétale|poterie|machine à coudre|isolation du toit|outils à main|bougies|reliure|cadre en bambou|cerf-volant",
        "jeu de réflexion|jeu de société|course contre la montre|console ancienne|ouvertures d'échecs|tours de cartes|création de niveaux|carte de donjon|art du pixel|jeu de course|aventure textuelle|jeu coopératif",
        "oiseaux du jardin|bourdon|hérisson|vieux chêne|mare à marée basse|renard des villes|champignons|prairie fleurie|chouette effraie|vie de l'étang|bouquetin|méduse",
    ],
    titles: "Débuter : {n}|{n} et {m} : petite introduction|Pourquoi {n} ?|{w}, épisode {x} : {n}|Une soirée, un sujet : {n}|{n} pour tout le monde, partie {x}|Visite à {w} : {n}|{x} questions sur un thème : {n}|Les rencontres de {w} : {n}, {m}|De A à Z : {n}",
    sentences: "Dans cette vidéo, deux sujets : {n} et {m}.|La seconde partie a été tournée à {w}.|Les notes et les sources sont plus bas.|Merci à toute l'équipe de {w} pour son aide.|L'essai a duré {x} semaines et nous avons tout noté.|Si vous avez peu de temps, commencez par ceci : {m}.|Rien de nouveau, mais il nous a fallu {x} essais.|Vos questions sont les bienvenues. Thème du jour : {n}.|La musique et les images viennent du collectif {w}.|Le mois prochain, nous reviendrons sur ce thème : {m}.",
};

pub(super) const SPANISH: Source = Source {
    code: "es",
    label: "Spanish",
    gap: " ",
    syllables: "al|ma|ri|vera|sol|can|te|lo|ñe|pue|bla|ro|cas|ti|gua|dor|mon|se|vi|lla|quin|ta|ba|jo",
    topics: [
        "software libre|servidor en casa|línea de comandos|hardware abierto|paneles solares|cifrado|portátil viejo|onda corta|impresión 3D|bases de datos|fediverso|microcontrolador",
        "canciones populares|bajo eléctrico|banda de viento|ensayo del coro|sintetizador modular|concierto en la calle|ritmos de batería|violín|grabación casera|paisaje sonoro|canción de cuna|clásicos del jazz",
        "pan de masa madre|sopa de verduras|col fermentada|tarta de manzana|guiso de lentejas|queso de cabra|ensalada de invierno|limones en conserva|pasta fresca|leche de avena|ajo silvestre|mermelada de ciruela",
        "tren nocturno|refugio de montaña|barco por el canal|viaje en bicicleta|transbordador a la isla|puerto viejo|carretera del desierto|mercado del pueblo|sendero de la costa|tranvía|faro|valle del río",
        "números primos|agujero negro|tectónica de placas|ciclo del agua|escrituras antiguas|estadística|biología celular|proyección de mapas|ciudad medieval|química en casa|tabla periódica|geometría",
        "reparación de bicicletas|talla de madera|tejido|tintes naturales|cerámica|máquina de coser|aislamiento del tejado|herramientas de mano|velas|encuadernación|cuadro de bambú|cometa de papel",
        "juego de lógica|juego de mesa|carrera contra el reloj|consola antigua|aperturas de ajedrez|trucos de cartas|diseño de niveles|mapa de mazmorra|arte de píxeles|juego de carreras|aventura de texto|juego cooperativo",
        "pájaros del jardín|abejorro|erizo|roble viejo|charcas de marea|zorro urbano|setas|prado florido|lechuza común|vida en el estanque|cabra montés|medusa",
    ],
    titles: "Primeros pasos: {n}|{n} y {m}: breve introducción|¿Por qué {n}?|{w}, capítulo {x}: {n}|Una tarde, un tema: {n}|{n} para principiantes, parte {x}|De visita en {w}: {n}|{x} preguntas sobre un tema: {n}|Charlas de {w}: {n}, {m}",
    sentences: "En este vídeo hay dos temas: {n} y {m}.|La segunda parte se grabó en {w}.|Las notas y las fuentes están más abajo.|Gracias a todas las personas de {w} que ayudaron.|La prueba duró {x} semanas y lo anotamos todo.|Si tienes poco tiempo, empieza por aquí: {m}.|No es nada nuevo, pero nos costó {x} intentos.|El tema de hoy es {n}; se aceptan preguntas.|La música y las imágenes son del grupo {w}.|El mes que viene seguimos con otro tema: {m}.",
};

pub(super) const ITALIAN: Source = Source {
    code: "it",
    label: "Italian",
    gap: " ",
    syllables: "bel|la|mon|te|ri|va|ca|sti|glio|ne|so|le|per|gol|fio|ra|ven|to|chia|ro|lu|gna|mi|no",
    topics: [
        "software libero|server di casa|riga di comando|hardware aperto|pannelli solari|crittografia|vecchio portatile|onde corte|stampa 3D|basi di dati|fediverso|microcontrollore",
        "canti popolari|basso elettrico|banda di ottoni|prove del coro|sintetizzatore modulare|concerto di strada|ritmi di batteria|violino|registrazione domestica|paesaggi sonori|ninna nanna|classici del jazz",
        "pane a lievito madre|zuppa di verdure|cavolo fermentato|torta di mele|curry di lenticchie|formaggio di capra|insalata d'inverno|limoni sotto sale|pasta fresca|latte d'avena|aglio orsino|marmellata di prugne",
        "treno notturno|rifugio di montagna|barca sul canale|viaggio in bicicletta|traghetto per l'isola|porto vecchio|strada del deserto|mercato di paese|sentiero costiero|tram|faro|valle del fiume",
        "numeri primi|buco nero|tettonica a placche|ciclo dell'acqua|scritture antiche|statistica|biologia cellulare|proiezioni cartografiche|città medievale|chimica in casa|tavola periodica|geometria",
        "riparazione di biciclette|intaglio del legno|lavoro a maglia|tinture naturali|ceramica|macchina da cucire|isolamento del tetto|attrezzi a mano|candele|rilegatura|telaio di bambù|aquilone",
        "gioco di logica|gioco da tavolo|corsa contro il tempo|vecchia console|aperture di scacchi|giochi di carte|progettazione di livelli|mappa del sotterraneo|arte dei pixel|gioco di corse|avventura testuale|gioco cooperativo",
        "uccelli del giardino|bombo|riccio|vecchia quercia|pozze di marea|volpe di città|funghi|prato fiorito|barbagianni|vita nello stagno|stambecco|medusa",
    ],
    titles: "Primi passi: {n}|{n} e {m}: breve introduzione|Perché {n}?|{w}, puntata {x}: {n}|Una sera, un tema: {n}|{n} per tutti, parte {x}|In visita a {w}: {n}|{x} domande su un tema: {n}|Gli incontri di {w}: {n}, {m}",
    sentences: "In questo video ci sono due temi: {n} e {m}.|La seconda parte è stata girata a {w}.|Gli appunti e le fonti sono più in basso.|Grazie a tutte le persone di {w} che hanno aiutato.|La prova è durata {x} settimane e abbiamo annotato tutto.|Se avete poco tempo, cominciate da qui: {m}.|Non è una novità, ma ci sono voluti {x} tentativi.|Il tema di oggi è {n}; le domande sono benvenute.|La musica e le immagini sono del gruppo {w}.|Il mese prossimo torneremo su un altro tema: {m}.",
};

pub(super) const PORTUGUESE: Source = Source {
    code: "pt",
    label: "Portuguese (Brazilian)",
    gap: " ",
    syllables: LATIN_SYLLABLES,
    topics: [
        "software livre|servidor em casa|linha de comando|hardware aberto|painéis solares|criptografia|notebook antigo|ondas curtas|impressão 3D|bancos de dados|fediverso|microcontrolador",
        "canções populares|baixo elétrico|banda de sopros|ensaio do coral|sintetizador modular|concerto na rua|ritmos de bateria|violino|gravação caseira|paisagem sonora|canção de ninar|clássicos do jazz",
        "pão de fermentação natural|sopa de legumes|repolho fermentado|torta de maçã|ensopado de lentilha|queijo de cabra|salada de inverno|limão em conserva|massa fresca|leite de aveia|alho selvagem|geleia de ameixa",
        "trem noturno|abrigo de montanha|barco no canal|viagem de bicicleta|balsa para a ilha|porto velho|estrada do deserto|feira da vila|trilha do litoral|bonde|farol|vale do rio",
        "números primos|buraco negro|tectônica de placas|ciclo da água|escritas antigas|estatística|biologia celular|projeção de mapas|cidade medieval|química em casa|tabela periódica|geometria",
        "conserto de bicicleta|entalhe em madeira|tricô|tinturas naturais|cerâmica|máquina de costura|isolamento do telhado|ferramentas manuais|velas|encadernação|quadro de bambu|pipa de papel",
        "jogo de lógica|jogo de tabuleiro|corrida contra o tempo|console antigo|aberturas de xadrez|truques com cartas|criação de fases|mapa de masmorra|arte em pixels|jogo de corrida|aventura em texto|jogo cooperativo",
        "pássaros do jardim|mamangava|ouriço|carvalho antigo|poças de maré|raposa urbana|cogumelos|campo florido|coruja|vida na lagoa|cabra-montês|água-viva",
    ],
    titles: "Primeiros passos: {n}|{n} e {m}: breve introdução|Por que {n}?|{w}, episódio {x}: {n}|Uma noite, um assunto: {n}|{n} para iniciantes, parte {x}|Visita a {w}: {n}|{x} perguntas sobre um assunto: {n}|Conversas de {w}: {n}, {m}",
    sentences: "Neste vídeo há dois assuntos: {n} e {m}.|A segunda parte foi gravada em {w}.|As anotações e as fontes estão mais abaixo.|Obrigado a todas as pessoas de {w} que ajudaram.|O teste durou {x} semanas e anotamos tudo.|Se você tem pouco tempo, comece por aqui: {m}.|Não é novidade, mas precisamos de {x} tentativas.|O assunto de hoje é {n}; perguntas são bem-vindas.|A música e as imagens são do grupo {w}.|No próximo mês voltamos com outro assunto: {m}.",
};
