"""A section of the page: a heading that the contents name, and what stands below."""

from __future__ import annotations

from dataclasses import dataclass

from livecodebench.report.html.markup import Child, Html, element


@dataclass(frozen=True, slots=True)
class Section:
    """A section.

    Attributes:
        name: Its id, a fixed word.
        title: Its heading.
        content: What stands below.
    """

    name: str
    title: str
    content: tuple[Child, ...]

    def render(self) -> Html:
        """The section."""
        heading = element("h2", self.title, id=f"{self.name}-title")
        return element("section", heading, self.content, id=self.name, aria_labelledby=f"{self.name}-title")


def paragraph(words: str, *, warning: bool = False) -> Html:
    """A paragraph; a warning is marked for eyes and for screen readers."""
    if not warning:
        return element("p", words)
    return element("p", element("strong", "Note: "), words, class_="warning", role="note")


def heading(words: str) -> Html:
    """A heading within a section."""
    return element("h3", words)
