//! Polish, Russian and Greek.

use super::Source;

pub(super) const POLISH: Source = Source {
    code: "pl",
    label: "Polish",
    gap: " ",
    syllables: "bia|ło|wie|dzi|rze|cza|mo|kra|só|wka|le|śni|go|ra|żu|bro|da|ni|sto|pol|ja|ko|wy|szy",
    topics: [
        "wolne oprogramowanie|domowy serwer|wiersz poleceń|otwarty sprzęt|panele słoneczne|szyfrowanie|stary laptop|fale krótkie|druk 3D|bazy danych|fediwersum|mikrokontroler",
        "pieśni ludowe|gitara basowa|orkiestra dęta|próba chóru|syntezator modularny|koncert uliczny|rytmy perkusji|skrzypce|nagrania domowe|pejzaż dźwiękowy|kołysanka|standardy jazzowe",
        "chleb na zakwasie|zupa jarzynowa|kiszona kapusta|szarlotka|gulasz z soczewicy|kozi ser|sałatka zimowa|kiszone cytryny|świeży makaron|mleko owsiane|czosnek niedźwiedzi|powidła śliwkowe",
        "nocny pociąg|schronisko górskie|barka na kanale|wyprawa rowerowa|prom na wyspę|stary port|pustynna droga|wiejski targ|ścieżka nad morzem|tramwaj|latarnia morska|dolina rzeki",
        "liczby pierwsze|czarna dziura|tektonika płyt|obieg wody|dawne pisma|statystyka|biologia komórki|rzuty map|średniowieczne miasto|chemia w domu|układ okresowy|geometria",
        "naprawa roweru|rzeźba w drewnie|robótki na drutach|barwniki roślinne|garncarstwo|maszyna do szycia|ocieplenie dachu|narzędzia ręczne|świece|oprawa książek|rama z bambusa|latawiec",
        "gry logiczne|gry planszowe|wyścig z czasem|stara konsola|debiuty szachowe|sztuczki karciane|projekt poziomów|mapa lochów|grafika pikselowa|gry wyścigowe|gra tekstowa|gry kooperacyjne",
        "ptaki w ogrodzie|trzmiel|jeż|stary dąb|życie na plaży|miejski lis|grzyby|kwietna łąka|płomykówka|życie w stawie|kozica|meduza",
    ],
    titles: "{n}: pierwsze kroki|{n} i {m}: krótkie wprowadzenie|Dlaczego {n}?|{w}, odcinek {x}: {n}|Wieczorem o jednym: {n}|{n} dla początkujących, część {x}|Z wizytą w {w}: {n}|{x} pytań na temat: {n}|Rozmowy w {w}: {n}, {m}",
    sentences: "W tym filmie są dwa tematy: {n} i {m}.|Druga część powstała w {w}.|Notatki i źródła są poniżej.|Dziękujemy wszystkim z {w} za pomoc.|Próba trwała {x} tygodni i wszystko zapisaliśmy.|Jeśli masz mało czasu, zacznij tutaj: {m}.|To nic nowego, ale udało się dopiero za {x} razem.|Dzisiejszy temat to {n}, czekamy na pytania.|Muzykę i obrazy przygotowała grupa {w}.|Za miesiąc wrócimy do tematu: {m}.",
};

pub(super) const RUSSIAN: Source = Source {
    code: "ru",
    label: "Russian",
    gap: " ",
    syllables: "бе|ло|го|рье|ми|ра|све|то|зо|ря|ка|ли|но|вес|на|тю|дра|по|ля|ру|чей|яс|ко|вод",
    topics: [
        "свободные программы|домашний сервер|командная строка|открытое железо|солнечные панели|шифрование|старый ноутбук|короткие волны|3D-печать|базы данных|федивёрс|микроконтроллер",
        "народные песни|бас-гитара|духовой оркестр|репетиция хора|модульный синтезатор|уличный концерт|ритмы барабанов|скрипка|домашняя запись|звуки природы|колыбельная|джазовые стандарты",
        "хлеб на закваске|овощной суп|квашеная капуста|яблочный пирог|рагу из чечевицы|козий сыр|зимний салат|солёные лимоны|свежая лапша|овсяное молоко|черемша|сливовое варенье",
        "ночной поезд|горный приют|лодка на канале|велопоход|паром на остров|старая гавань|дорога через пустыню|деревенский рынок|тропа у моря|трамвай|маяк|речная долина",
        "простые числа|чёрная дыра|тектоника плит|круговорот воды|древние письмена|статистика|биология клетки|проекции карт|средневековый город|химия дома|таблица элементов|геометрия",
        "ремонт велосипеда|резьба по дереву|вязание|природные красители|гончарное дело|швейная машина|утепление крыши|ручной инструмент|свечи|переплёт|рама из бамбука|воздушный змей",
        "головоломки|настольные игры|прохождение на время|старая приставка|шахматные дебюты|карточные фокусы|дизайн уровней|карта подземелья|пиксельная графика|гонки|текстовое приключение|совместные игры",
        "птицы в саду|шмель|ёж|старый дуб|жизнь на берегу|городская лиса|грибы|цветущий луг|сипуха|жизнь пруда|горный козёл|медуза",
    ],
    titles: "{n}: с чего начать|{n} и {m}: краткое введение|Зачем нужны {n}?|{w}, выпуск {x}: {n}|Вечер на одну тему: {n}|{n} для начинающих, часть {x}|В гостях: {w}, тема — {n}|{x} вопросов на тему: {n}|Беседы в клубе «{w}»: {n}, {m}",
    sentences: "В этом видео две темы: {n} и {m}.|Вторую часть снимала группа «{w}».|Заметки и источники — ниже.|Спасибо всем из клуба «{w}» за помощь.|Опыт длился {x} недель, мы всё записали.|Если времени мало, начните отсюда: {m}.|Ничего нового, но получилось только с попытки номер {x}.|Тема сегодня — {n}, ждём вопросов.|Музыка и картинки — «{w}».|Через месяц вернёмся к теме: {m}.",
};

pub(super) const GREEK: Source = Source {
    code: "el",
    label: "Greek",
    gap: " ",
    syllables: "θά|λα|σσα|νη|σί|κα|λο|μέ|ρα|πέ|τρα|βου|νό|φως|λί|μνη|αυ|γή|δρό|μος|χω|ριό|ή|λιος",
    topics: [
        "ελεύθερο λογισμικό|διακομιστής στο σπίτι|γραμμή εντολών|ανοιχτό υλικό|ηλιακά πάνελ|κρυπτογράφηση|παλιός υπολογιστής|βραχέα κύματα|τρισδιάστατη εκτύπωση|βάσεις δεδομένων|αποκεντρωμένα δίκτυα|μικροελεγκτές",
        "δημοτικά τραγούδια|ηλεκτρικό μπάσο|μπάντα πνευστών|πρόβα χορωδίας|αρθρωτό συνθεσάιζερ|συναυλία στον δρόμο|ρυθμοί τυμπάνων|βιολί|ηχογράφηση στο σπίτι|ήχοι της φύσης|νανούρισμα|κλασική τζαζ",
        "ψωμί με προζύμι|χορτόσουπα|λάχανο τουρσί|μηλόπιτα|φακές στην κατσαρόλα|κατσικίσιο τυρί|χειμωνιάτικη σαλάτα|λεμόνια στο αλάτι|φρέσκα ζυμαρικά|γάλα βρώμης|άγριο σκόρδο|μαρμελάδα δαμάσκηνο",
        "νυχτερινό τρένο|ορεινό καταφύγιο|βάρκα στο κανάλι|ταξίδι με ποδήλατο|πλοίο για το νησί|παλιό λιμάνι|δρόμος της ερήμου|λαϊκή αγορά|παραλιακό μονοπάτι|τραμ|φάρος|κοιλάδα του ποταμού",
        "πρώτοι αριθμοί|μαύρη τρύπα|τεκτονικές πλάκες|κύκλος του νερού|αρχαίες γραφές|στατιστική|βιολογία του κυττάρου|προβολές χαρτών|μεσαιωνική πόλη|χημεία στο σπίτι|περιοδικός πίνακας|γεωμετρία",
        "επισκευή ποδηλάτου|ξυλογλυπτική|πλέξιμο|φυσικές βαφές|αγγειοπλαστική|ραπτομηχανή|μόνωση στέγης|εργαλεία χειρός|κεριά|βιβλιοδεσία|σκελετός από μπαμπού|χαρταετός",
        "γρίφοι|επιτραπέζια παιχνίδια|αγώνας με τον χρόνο|παλιά κονσόλα|ανοίγματα στο σκάκι|κόλπα με τράπουλα|σχεδίαση επιπέδων|χάρτης μπουντρουμιού|τέχνη με πίξελ|αγωνιστικά παιχνίδια|περιπέτεια κειμένου|συνεργατικά παιχνίδια",
        "πουλιά του κήπου|αγριομέλισσα|σκαντζόχοιρος|γέρικη βελανιδιά|ζωή στα βράχια|αλεπού της πόλης|μανιτάρια|ανθισμένο λιβάδι|τυτώ|ζωή στη λίμνη|αγριοκάτσικο|μέδουσα",
    ],
    titles: "{n}: τα πρώτα βήματα|{n} και {m}: σύντομη εισαγωγή|Γιατί {n};|{w}, επεισόδιο {x}: {n}|Ένα βράδυ, ένα θέμα: {n}|{n} για αρχάριους, μέρος {x}|Επίσκεψη στο {w}: {n}|{x} ερωτήσεις για ένα θέμα: {n}|Συζητήσεις στο {w}: {n}, {m}",
    sentences: "Σε αυτό το βίντεο υπάρχουν δύο θέματα: {n} και {m}.|Το δεύτερο μέρος γυρίστηκε στο {w}.|Οι σημειώσεις και οι πηγές είναι πιο κάτω.|Ευχαριστούμε όλους στο {w} για τη βοήθεια.|Η δοκιμή κράτησε {x} εβδομάδες και γράψαμε τα πάντα.|Αν έχετε λίγο χρόνο, αρχίστε από εδώ: {m}.|Δεν είναι κάτι νέο, αλλά χρειαστήκαμε {x} προσπάθειες.|Το θέμα σήμερα: {n}. Περιμένουμε ερωτήσεις.|Η μουσική και οι εικόνες είναι της ομάδας {w}.|Τον επόμενο μήνα συνεχίζουμε με άλλο θέμα: {m}.",
};
