"""Link texts that say nothing of where they lead, in all the working languages."""

import re

_AROUND = " \t\u00a0.,:;!?…>»«→←()[]\u2039\u203a"


def _lines(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.replace("\n", "|").split("|") if word.strip())


_WHOLE = _lines("""
    here|this|this link|link|more|read more|learn more|find out more|more information
    click|see more|details|go
    ici|ce lien|lien|lire la suite|en savoir plus|plus|plus d'informations
    suite|voir plus|détails
    aquí|este enlace|enlace|más|leer más|más información|saber más|ver más|detalles
    هنا|من هنا|الرابط|هذا الرابط|رابط|المزيد|اقرأ المزيد|للمزيد|التفاصيل
""")
"""Vague where nothing else is said."""

_BEGINNINGS = _lines("""
    click here|tap here|press here|click on this link|click this link|follow this link
    cliquez ici|cliquer ici|clique ici|cliquez sur ce lien|appuyez ici|suivez ce lien
    haga clic aquí|haz clic aquí|clic aquí|pulse aquí|pulsa aquí|pinche aquí
    haga clic en este enlace|haz clic en este enlace
    انقر هنا|اضغط هنا|انقر على هذا الرابط|اضغط على هذا الرابط|انقر فوق هذا الرابط
""")
"""Vague whatever follows: nobody has to be told how a link is used."""

_BEGINS = re.compile(rf"({'|'.join(map(re.escape, sorted(_BEGINNINGS)))})\b")


def is_vague(said: str) -> bool:
    """Return whether a link text does not say where the link leads.

    >>> is_vague("Click here to read"), is_vague("Read more about courses")
    (True, False)
    """
    bare = said.strip(_AROUND).casefold().replace("\u2019", "'")
    return bare in _WHOLE or _BEGINS.match(bare) is not None
