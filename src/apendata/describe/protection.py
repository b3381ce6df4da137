"""What the public is told about how a table is protected: the method and its consequence, never the policy's inside."""

from typing import Any, Final

from apendata.model import Disclosure, Text

_PROMISE: Final = Text(
    nb=(
        "Ut fra alt som noen gang er publisert, kan hvert vernet tall være alt fra 0 til {t} eller mer. Leseren vi "
        "lover dette overfor, og unntakene, står i metodenotatet docs/disclosure.md."
    ),
    en=(
        "Given everything that was ever published, every protected count could be anything from 0 to {t} or more. The "
        "reader to whom this is promised, and the exceptions, are in the method note docs/disclosure.md."
    ),
)


def protection(policy: Disclosure) -> dict[str, Any]:
    """Return ``{method, note, note_en, …}`` for one table.

    ``suppression`` also says ``field``, the ``threshold`` below which counts are protected, and the ``derived`` fields
    that are hidden with it; ``mandated`` says the legal basis and what the figures are known to give away together.
    The threshold is public: an intruder must be assumed to know it, and a reader needs it to understand ``:``.
    """
    notes = {"none": _none, "suppression": _suppression, "follows": _follows, "mandated": _mandated}
    return {"method": policy.method, **notes[policy.method](policy)}


def _none(policy: Disclosure) -> dict[str, Any]:
    return _note(policy.because or Text(nb="Tabellen gjelder ikke personer.", en="The table is not about people."))


def _suppression(policy: Disclosure) -> dict[str, Any]:
    top = (policy.threshold or 1) - 1
    small = "1" if top == 1 else f"1–{top}"
    note = Text(
        nb=(
            f"Antall på {small} er skjult (tegnet «:»), slik at ingen enkeltperson kan kjennes igjen. Noen større tall "
            "er skjult av samme grunn: ellers kunne de skjulte regnes ut fra summene. "
            f"Et skjult tall vises aldri som null. {_PROMISE.nb.format(t=policy.threshold)}"
        ),
        en=(
            f"Counts of {small} are hidden (the mark “:”) so that no single person can be recognised. Some larger "
            "figures are hidden for the same reason: otherwise the hidden ones could be worked out from the totals. "
            f"A hidden figure is never shown as zero. {_PROMISE.en.format(t=policy.threshold)}"
        ),
    )
    return {
        **_note(note),
        "field": policy.value,
        "threshold": policy.threshold,
        **({"derived": list(policy.derived)} if policy.derived else {}),
    }


def _follows(policy: Disclosure) -> dict[str, Any]:
    note = Text(
        nb=f"Verdier er skjult (tegnet «:») der antallet de bygger på, er skjult i tabellen «{policy.table}».",
        en=f"Values are hidden (the mark “:”) where the count they rest on is hidden in the table “{policy.table}”.",
    )
    return {**_note(note), "table": policy.table}


def _mandated(policy: Disclosure) -> dict[str, Any]:
    note = Text(
        nb="Tallene er pålagt offentliggjort. Inndelinger er aldri kombinert, og ingen finere inndeling blir gitt ut.",
        en="These figures are published by mandate. Breakdowns are never combined, and no finer one is released.",
    )
    basis = policy.legal_basis
    known = policy.known_disclosures
    return {
        **_note(note),
        **({"legalBasis": basis.nb, "legalBasis_en": basis.en} if basis else {}),
        "knownDisclosures": [text.nb for text in known],
        "knownDisclosures_en": [text.en for text in known],
    }


def _note(text: Text) -> dict[str, str]:
    return {"note": text.nb, "note_en": text.en}
