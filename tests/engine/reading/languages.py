"""Sentences in twenty languages, written for the tests, and the encodings from before Unicode that hold them."""

from __future__ import annotations

import unicodedata

SENTENCES = {
    "Greek": (
        "Η ταινία μου άρεσε πολύ και η μουσική ήταν υπέροχη.",
        "Το πακέτο έφτασε με δύο μέρες καθυστέρηση.",
        "Δεν καταλαβαίνω γιατί η εφαρμογή κλείνει μόνη της.",
        "Το ξενοδοχείο ήταν καθαρό, αλλά το πρωινό απογοητευτικό.",
        "Θα ήθελα να επιστρέψω τα παπούτσια που αγόρασα χθες.",
        "Οι ηθοποιοί έπαιξαν καλά, η ιστορία όμως είναι βαρετή.",
        "Ευχαριστώ για τη γρήγορη απάντηση!",
        "Ο λογαριασμός μου έχει χρεωθεί δύο φορές.",
    ),
    "Hebrew": (
        "הסרט היה מצוין והמוזיקה נהדרת.",
        "החבילה הגיעה באיחור של יומיים.",
        "אני לא מבין למה האפליקציה נסגרת לבד.",
        "המלון היה נקי אבל ארוחת הבוקר מאכזבת.",
        "אני רוצה להחזיר את הנעליים שקניתי אתמול.",
        "השחקנים טובים, אבל הסיפור משעמם.",
        "תודה רבה על התשובה המהירה!",
        "החשבון שלי חויב פעמיים.",
    ),
    "Bulgarian": (
        "Филмът много ми хареса и музиката беше чудесна.",
        "Пратката пристигна с два дни закъснение.",
        "Не разбирам защо приложението се затваря само.",
        "Хотелът беше чист, но закуската разочарова.",
        "Искам да върна обувките, които купих вчера.",
        "Актьорите играят добре, но историята е скучна.",
        "Благодаря за бързия отговор!",
        "Сметката ми е таксувана два пъти.",
    ),
    "Turkish": (
        "Film çok güzeldi, müzikler de harikaydı.",
        "Kargo iki gün gecikmeyle geldi.",
        "Uygulamanın neden kendiliğinden kapandığını anlamıyorum.",
        "Otel temizdi ama kahvaltı hayal kırıklığı yarattı.",
        "Dün aldığım ayakkabıları iade etmek istiyorum.",
        "Oyuncular başarılı, ancak öykü sıkıcı.",
        "Hızlı yanıtınız için teşekkür ederim!",
        "Hesabımdan iki kez ücret çekilmiş.",
    ),
    "Polish": (
        "Film bardzo mi się podobał, muzyka też była świetna.",
        "Paczka przyszła z dwudniowym opóźnieniem.",
        "Nie rozumiem, dlaczego aplikacja sama się zamyka.",
        "Hotel był czysty, ale śniadanie rozczarowało.",
        "Chciałbym zwrócić buty, które kupiłem wczoraj.",
        "Aktorzy grają dobrze, lecz opowieść jest nużąca.",
        "Dziękuję za szybką odpowiedź!",
        "Moje konto zostało obciążone dwukrotnie, proszę o wyjaśnienie.",
    ),
    "Czech": (
        "Film se mi moc líbil a hudba byla úžasná.",
        "Balík dorazil o dva dny později, než měl.",
        "Nerozumím tomu, proč se aplikace sama zavírá.",
        "Hotel byl čistý, ale snídaně mě zklamala.",
        "Chtěl bych vrátit boty, které jsem včera koupil.",
        "Herci hrají dobře, příběh je však nudný.",
        "Děkuji za rychlou odpověď!",
        "Z účtu mi byla částka stržena dvakrát.",
    ),
    "Hungarian": (
        "Nagyon tetszett a film, és a zene is gyönyörű volt.",
        "A csomag két nap késéssel érkezett meg.",
        "Nem értem, miért záródik be magától az alkalmazás.",
        "A szálloda tiszta volt, de a reggeli csalódást okozott.",
        "Szeretném visszaküldeni a tegnap vásárolt cipőt.",
        "A színészek jól játszanak, de a történet unalmas.",
        "Köszönöm a gyors választ!",
        "Kétszer terhelték meg a számlámat, kérem, nézzenek utána.",
    ),
    "Romanian": (
        "Mi-a plăcut foarte mult filmul, iar muzica a fost încântătoare.",
        "Coletul a sosit cu două zile întârziere.",
        "Nu înţeleg de ce aplicaţia se închide singură.",
        "Hotelul era curat, dar micul dejun a fost o dezamăgire.",
        "Aş vrea să returnez pantofii pe care i-am cumpărat ieri.",
        "Actorii joacă bine, însă povestea este plictisitoare şi lungă.",
        "Vă mulţumesc pentru răspunsul rapid!",
        "Contul meu a fost debitat de două ori, vă rog să verificaţi.",
    ),
    "Russian": (
        "Фильм мне очень понравился, музыка тоже была чудесной.",
        "Посылка пришла с опозданием на два дня.",
        "Не понимаю, почему приложение закрывается само.",
        "Гостиница была чистой, но завтрак разочаровал.",
        "Я хочу вернуть обувь, которую купил вчера.",
        "Актёры играют хорошо, но история скучная.",
        "Спасибо за быстрый ответ!",
        "С моего счёта деньги сняли дважды.",
    ),
    "Ukrainian": (
        "Фільм мені дуже сподобався, музика теж була чудова.",
        "Посилка надійшла із запізненням на два дні.",
        "Не розумію, чому застосунок закривається сам.",
        "Готель був чистий, але сніданок розчарував.",
        "Я хочу повернути взуття, яке купив учора.",
        "Актори грають добре, проте історія нудна.",
        "Дякую за швидку відповідь!",
        "З мого рахунку гроші зняли двічі, перевірте, будь ласка.",
    ),
    "Arabic": (
        "أعجبني الفيلم كثيرا وكانت الموسيقى رائعة.",
        "وصل الطرد متأخرا يومين.",
        "لا أفهم لماذا يغلق التطبيق من تلقاء نفسه.",
        "كان الفندق نظيفا لكن الفطور كان مخيبا.",
        "أريد إرجاع الحذاء الذي اشتريته أمس.",
        "الممثلون جيدون، أما القصة فمملة.",
        "شكرا على الرد السريع!",
        "تم خصم المبلغ من حسابي مرتين.",
    ),
    "Thai": (
        "หนังเรื่องนี้สนุกมากและดนตรีก็ไพเราะ",
        "พัสดุมาถึงช้าไปสองวัน",
        "ไม่เข้าใจว่าทำไมแอปถึงปิดเอง",
        "โรงแรมสะอาด แต่อาหารเช้าน่าผิดหวัง",
        "ฉันต้องการคืนรองเท้าที่ซื้อเมื่อวานนี้",
        "นักแสดงเล่นดี แต่เนื้อเรื่องน่าเบื่อ",
        "ขอบคุณที่ตอบกลับอย่างรวดเร็ว",
        "บัญชีของฉันถูกหักเงินสองครั้ง",
    ),
    "Vietnamese": (
        "Bộ phim rất hay và âm nhạc thật tuyệt vời.",
        "Gói hàng đến muộn hai ngày.",
        "Tôi không hiểu vì sao ứng dụng tự đóng lại.",
        "Khách sạn sạch sẽ nhưng bữa sáng gây thất vọng.",
        "Tôi muốn trả lại đôi giày đã mua hôm qua.",
        "Diễn viên đóng tốt, nhưng câu chuyện nhàm chán.",
        "Cảm ơn vì đã trả lời nhanh chóng!",
        "Tài khoản của tôi bị trừ tiền hai lần.",
    ),
    "Japanese": (
        "この映画はとても面白く、音楽も素晴らしかったです。",
        "荷物は二日遅れて届きました。",
        "アプリが勝手に終了する理由が分かりません。",
        "ホテルは清潔でしたが、朝食にはがっかりしました。",
        "昨日買った靴を返品したいです。",
        "俳優の演技は良いけれど、物語は退屈だった。",
        "早速のお返事ありがとうございます。",
        "口座から二回引き落とされています。",
    ),
    "Chinese": (
        "这部电影很好看，音乐也非常动听。",
        "包裹晚到了两天。",
        "我不明白为什么应用会自己关闭。",
        "酒店很干净，可是早餐让人失望。",
        "我想退回昨天买的鞋子。",
        "演员演得不错，但是故事很无聊。",
        "谢谢你们这么快回复！",
        "我的账户被扣了两次款。",
    ),
    "Traditional Chinese": (
        "這部電影很好看，音樂也非常動聽。",
        "包裹晚到了兩天。",
        "我不明白為什麼應用程式會自己關閉。",
        "飯店很乾淨，可是早餐讓人失望。",
        "我想退回昨天買的鞋子。",
        "演員演得不錯，但是故事很無聊。",
        "謝謝你們這麼快回覆！",
        "我的帳戶被扣了兩次款。",
    ),
    "Korean": (
        "영화가 아주 재미있었고 음악도 훌륭했습니다.",
        "택배가 이틀 늦게 도착했습니다.",
        "앱이 왜 저절로 꺼지는지 모르겠습니다.",
        "호텔은 깨끗했지만 아침 식사는 실망스러웠습니다.",
        "어제 산 신발을 반품하고 싶습니다.",
        "배우들의 연기는 좋지만 이야기는 지루합니다.",
        "빠른 답변 감사합니다!",
        "제 계좌에서 돈이 두 번 빠져나갔습니다.",
    ),
    "German": (
        "Der Film war großartig, und die Musik hat mir auch gefallen.",
        "Das Päckchen kam zwei Tage zu spät.",
        "Ich verstehe nicht, warum die App sich von selbst schließt.",
        "Das Hotel war sauber, das Frühstück aber enttäuschend.",
        "Ich möchte die Schuhe zurückgeben, die ich gestern gekauft habe.",
        "Die Schauspieler spielen gut, doch die Geschichte ist öde.",
        "Vielen Dank für die schnelle Rückmeldung, schöne Grüße!",
        "Der Betrag wurde zweimal abgebucht, bitte prüfen Sie das für mich.",
    ),
    "French": (
        "Le film m'a beaucoup plu, et la musique était très réussie.",
        "Le colis est arrivé avec deux jours de retard.",
        "Je ne comprends pas pourquoi l'application se ferme toute seule après le démarrage.",
        "L'hôtel était propre, mais le petit déjeuner décevant.",
        "Je voudrais rendre les chaussures achetées hier à Besançon.",
        "Les acteurs sont bons, mais l'histoire m'a ennuyé jusqu'à la fin.",
        "Merci pour votre réponse rapide, à bientôt !",
        "Mon compte a été débité deux fois, pouvez-vous vérifier ?",
    ),
    "Spanish": (
        "La película me gustó mucho y la música también.",
        "El paquete llegó con dos días de retraso.",
        "No entiendo por qué la aplicación se cierra sola.",
        "El hotel estaba limpio, pero el desayuno nos decepcionó.",
        "Quisiera devolver los zapatos que compré ayer por la mañana.",
        "Los actores actúan bien, pero la historia es aburridísima.",
        "¡Muchas gracias por responder tan rápido, señora Núñez!",
        "Me han cobrado dos veces este año, ¿qué puedo hacer?",
    ),
    "Swedish": (
        "Filmen var fantastisk och musiken var också härlig.",
        "Paketet kom två dagar för sent.",
        "Jag förstår inte varför appen stänger av sig själv.",
        "Hotellet var rent, men frukosten gjorde oss besvikna på morgonen.",
        "Jag vill lämna tillbaka skorna som jag köpte igår.",
        "Skådespelarna är bra, men berättelsen är tråkig.",
        "Tack så mycket för det snabba svaret!",
        "Pengarna har dragits två gånger från mitt konto, hjälp mig är ni snälla.",
    ),
}

_WESTERN = ("cp1252", "iso-8859-1", "iso-8859-15", "mac-roman", "cp850", "cp437")
_CENTRAL = ("cp1250", "iso-8859-2", "cp852", "mac-latin2")
_CYRILLIC = ("cp1251", "iso-8859-5", "cp866", "mac-cyrillic", "cp855")
ENCODINGS = {
    "Greek": ("cp1253", "iso-8859-7", "cp737", "cp869", "mac-greek"),
    "Hebrew": ("cp1255", "iso-8859-8", "cp862"),
    "Bulgarian": (*_CYRILLIC, "koi8-r"),
    "Turkish": ("cp1254", "iso-8859-9", "cp857", "mac-turkish"),
    "Polish": _CENTRAL,
    "Czech": _CENTRAL,
    "Hungarian": _CENTRAL,
    "Romanian": ("cp1250", "iso-8859-2", "cp852"),
    "Russian": (*_CYRILLIC, "koi8-r"),
    "Ukrainian": ("cp1251", "iso-8859-5", "mac-cyrillic", "koi8-u", "cp1125"),
    "Arabic": ("cp1256", "iso-8859-6", "cp720"),
    "Thai": ("cp874", "tis-620", "iso-8859-11"),
    "Vietnamese": ("cp1258",),
    "Japanese": ("shift_jis", "cp932", "euc-jp", "iso-2022-jp"),
    "Chinese": ("gb2312", "gbk", "gb18030"),
    "Traditional Chinese": ("big5", "cp950", "big5hkscs"),
    "Korean": ("euc-kr", "cp949", "johab", "iso-2022-kr"),
    "German": _WESTERN,
    "French": _WESTERN,
    "Spanish": _WESTERN,
    "Swedish": _WESTERN,
}
ROWS = 50


def encoded(text: str, encoding: str) -> bytes:
    """The text in an encoding; letters that it lacks as the letters and marks they are made of, as cp1258 has them."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(letter if _holds(encoding, letter) else _parts(letter) for letter in text).encode(encoding)


def _holds(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _parts(letter: str) -> str:
    """The letter without the mark of its tone, and that mark: ê and ơ are letters of cp1258, ế and ợ are not."""
    base, *marks = unicodedata.normalize("NFD", letter)
    tone = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
    return unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in tone)) + "".join(tone)
