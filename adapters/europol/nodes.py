"""One element of a message, read member by member: a loss for what has no equal, nothing passed over."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.document import clean_text
from adapters.loss import Effect, Loss
from adapters.xml import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element that follows the schema; `losses` is the whole message's list.

    `words` are those without an equal, each with the name of its element: they are kept in a text. `seen`
    are the members that were asked for; `finish` declares the others lost.
    """

    element: Element
    path: str
    losses: list[Loss]
    words: list[tuple[str, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The element's name without its namespace."""
        return _local(self.element)

    @property
    def id(self) -> str:
        """The element's id as the message writes it; empty where it has none."""
        return self.element.get("id", "")

    def where(self, name: str) -> str:
        """Return the path of a member in the message."""
        return f"{self.path}.{name}"

    def lose(self, name: str, effect: Effect, why: str) -> None:
        """Note that a member did not come through as it was."""
        self.losses.append(Loss(path=self.where(name), effect=effect, why=why))

    def keep(self, name: str, word: str) -> None:
        """Keep a word that has no equal, verbatim."""
        self.words.append((name, word))
        self.lose(name, Effect.KEPT_AS_EXTENSION, "has no exact equal; its word is kept in a text")

    def texts(self, name: str) -> list[str]:
        """Return the texts of the elements of this name, without the empty ones."""
        self.seen.add(name)
        return [text for one in self._of(name) if (text := self.clean(name, _inner(one)))]

    def text(self, name: str) -> str:
        """Return the text of an element that stands at most once; empty where it is absent."""
        return next(iter(self.texts(name)), "")

    def raw(self, name: str) -> str:
        """Return the text of an element that stands at most once, as it is: `clean` what is kept of it."""
        self.seen.add(name)
        return next((_inner(one).strip() for one in self._of(name)), "")

    def raw_attribute(self, name: str) -> str:
        """Return an attribute as it is: `clean` what is kept of it."""
        self.seen.add(f"@{name}")
        return str(self.element.get(name, "")).strip()

    def own_text(self) -> str:
        """Return the text of the element itself."""
        return self.clean("", self.element.text or "")

    def clean(self, name: str, raw: str) -> str:
        """Return text as a record may hold it.

        Raises:
            Malformed: code `too-long` over 64 KiB.
        """
        text, changed = clean_text(raw, self.where(name))
        if changed:
            self.lose(name, Effect.GENERALISED, "unseen characters are left out")
        return text

    def attribute(self, name: str) -> str:
        """Return an attribute; empty where it is absent."""
        self.seen.add(f"@{name}")
        return self.clean(name, self.element.get(name, ""))

    def nodes(self, name: str) -> list[Node]:
        """Return the elements of this name, in their order."""
        self.seen.add(name)
        found = self._of(name)
        several = len(found) > 1
        return [
            Node(
                element=one,
                path=f"{self.where(name)}[{number}]" if several else self.where(name),
                losses=self.losses,
                words=self.words,
            )
            for number, one in enumerate(found)
        ]

    def node(self, name: str) -> Node | None:
        """Return the first element of this name."""
        return next(iter(self.nodes(name)), None)

    def finish(self, why: str) -> None:
        """Note every member that states something and was never asked for as dropped."""
        names = {_local(one): _inner(one).strip() for one in self.element}
        names |= {f"@{name!s}": str(value) for name, value in self.element.items() if name != "id"}
        for name, value in names.items():
            if name not in self.seen and value:
                self.lose(name.removeprefix("@"), Effect.DROPPED, why)

    def _of(self, name: str) -> list[Element]:
        return [one for one in self.element if _local(one) == name]


def _inner(element: Element) -> str:
    return "".join(text for text in element.itertext() if isinstance(text, str))


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
