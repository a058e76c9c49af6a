"""The elements of a report, read with account: what nobody asked for is declared lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from adapters.contraband import begins_as_media
from adapters.document import clean_text
from adapters.loss import Effect, Loss
from adapters.xml import Element
from gateway.errors import Malformed

_SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_YES: Final = frozenset({"true", "1"})
_NO: Final = frozenset({"false", "0"})


@dataclass(slots=True, kw_only=True)
class Node:
    """One element. `losses` is the whole document's list; `taken` and `asked` say what was read of it."""

    name: str
    path: str
    content: str
    attributes: dict[str, str]
    children: list[Node]
    losses: list[Loss]
    taken: bool = False
    asked: set[str] = field(default_factory=set)

    def nodes(self, name: str) -> list[Node]:
        """Return the elements of this name within."""
        return [child for child in self.children if child.name == name]

    def node(self, name: str) -> Node:
        """Return the only element of this name within; one without content where there is none.

        Raises:
            Malformed: code `bad-type`: there are several.
        """
        found = self.nodes(name)
        if len(found) > 1:
            raise Malformed("stands several times, once is allowed", field=found[1].path, code="bad-type")
        return found[0] if found else _node(name, f"{self.path}.{name}", self.losses)

    def text(self, name: str = "") -> str:
        """Return the text of the only element of this name within, or its own.

        Raises:
            Malformed: code `bad-type`, `bad-encoding`, `too-long`, or `media-bytes`: a media stands there.
        """
        if name:
            return self.node(name).text()
        self.taken = True
        return self._cleaned(self.content, self.path)

    def texts(self, name: str) -> list[str]:
        """Return the texts of all elements of this name within that say anything."""
        return [text for child in self.nodes(name) if (text := child.text())]

    def flag(self, name: str) -> bool | None:
        """Return an element of yes or no; a word that is neither is declared lost."""
        child = self.node(name)
        word = child.text().casefold()
        if word and word not in _YES | _NO:
            child.lose(Effect.DROPPED, "is neither yes nor no")
        return word in _YES if word in _YES | _NO else None

    def attribute(self, name: str) -> str:
        """Return the text of an attribute; nothing where it is absent."""
        self.asked.add(name)
        return self._cleaned(self.attributes.get(name, ""), f"{self.path}@{name}")

    def lose(self, effect: Effect, why: str) -> None:
        """Note that this element did not come through as it was."""
        self.losses.append(Loss(path=self.path, effect=effect, why=why))

    def says_something(self) -> bool:
        """Tell whether any text stands in it."""
        return bool(self.content.strip()) or any(child.says_something() for child in self.children)

    def finish(self, why: str) -> None:
        """Declare everything lost that was never asked for, here and within."""
        for name, value in self.attributes.items():
            if name not in self.asked and value.strip() and not name.startswith(_SCHEMA):
                path = f"{self.path}@{_shown(name)}"
                self.losses.append(Loss(path=path, effect=Effect.DROPPED, why=why))
        if not self.taken and self.content.strip():
            self.lose(Effect.DROPPED, why)
        for child in self.children:
            child.finish(why)

    def _cleaned(self, value: str, path: str) -> str:
        text, changed = clean_text(value, path)
        if changed:
            loss = Loss(path=path, effect=Effect.GENERALISED, why="unseen characters are left out")
            self.losses.append(loss)
        if begins_as_media(text):
            raise Malformed(
                "holds media itself; reports travel, the material never does", field=path, code="media-bytes"
            )
        return text


def read_tree(element: Element, losses: list[Loss]) -> Node:
    """Return the tree of an element. The elements of a report have no namespace; one that has keeps it in its
    name, under which nobody asks for it.
    """
    return _tree(element, _shown(str(element.tag)), losses)


def _tree(element: Element, path: str, losses: list[Loss]) -> Node:
    node = _node(str(element.tag), path, losses)
    node.attributes = {str(name): str(value) for name, value in element.attrib.items()}
    texts = [element.text or ""]
    amounts = Counter(str(child.tag) for child in element)
    places: Counter[str] = Counter()
    for child in element:
        name = str(child.tag)
        place = f"[{places[name]}]" if amounts[name] > 1 else ""
        places[name] += 1
        node.children.append(_tree(child, f"{path}.{_shown(name)}{place}", losses))
        texts.append(child.tail or "")
    node.content = "".join(texts)
    return node


def _node(name: str, path: str, losses: list[Loss]) -> Node:
    return Node(name=name, path=path, content="", attributes={}, children=[], losses=losses)


def _shown(name: str) -> str:
    """Return a name as a loss may show it: a foreign one is no place for anything else."""
    return name if _NAME.fullmatch(name) else "?"


def words_of(node: Node) -> Iterator[str]:
    """Yield the element names and texts within, as `Name: text`, and take them all as read."""
    for child in node.children:
        if text := child.text():
            yield f"{_shown(child.name)}: {text}"
        yield from words_of(child)
