"""Words and figures that each language writes in its own way, as parameters of findings."""


class Said(str):
    """A text that a catalogue asks for in its own language: ``{sum:nb}`` and ``{sum:en}``; plain, it is neutral.

    Two parameters, one a language, were rejected: texts of both languages must have the same blanks, so that neither
    can say less than the other.
    """

    __slots__ = ("_en", "_nb")
    _nb: str
    _en: str

    def __new__(cls, neutral: str, *, nb: str, en: str) -> "Said":
        said = super().__new__(cls, neutral)
        said._nb, said._en = nb, en
        return said

    def __format__(self, spec: str) -> str:
        words = {"nb": self._nb, "en": self._en}
        return words[spec] if spec in words else super().__format__(spec)
