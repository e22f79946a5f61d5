"""A page as a browser without scripts has it: its words, and the forms in it with all their fields."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = frozenset({"meta", "link", "input", "img", "br"})


@dataclass
class Press:
    """Something to press: what it is called, and what it posts."""

    label: str
    about: str
    action: str
    fields: dict[str, str]
    choices: dict[str, list[str]] = field(default_factory=dict)
    is_focused: bool = False


@dataclass
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """Reads a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[tuple[str, str]] = []
        self.presses: list[Press] = []
        self._forms: dict[str, _Form] = {}
        self._form: _Form | None = None
        self._open: list[str] = []
        self._button: dict[str, str] | None = None
        self._select = ""
        self._waiting: list[tuple[Press, str]] = []
        self.feed(html)
        for press, form_id in self._waiting:
            form = self._forms[form_id]
            press.action = form.action
            press.fields = {**form.fields, **press.fields}
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in EMPTY:
            self._open.append(tag)
        if tag == "form":
            self._form = _Form(given["action"])
            self._forms[given.get("id", f"form {len(self._forms)}")] = self._form
        elif tag == "a" and "href" in given:
            self.links.append((given["href"], ""))
        elif tag == "button":
            self._button = {**given, "label": ""}
        elif tag == "select":
            self._select = given["name"]
            if self._form:
                self._form.fields.setdefault(self._select, "")
                self._form.choices.setdefault(self._select, [])
        elif tag == "textarea" and self._form:
            self._form.fields[given["name"]] = ""
        elif tag == "option" and self._form:
            self._form.choices[self._select].append(given["value"])
            if "selected" in given:
                self._form.fields[self._select] = given["value"]
        elif tag == "input" and self._form:
            self._input(given)

    def _input(self, given: dict[str, str]) -> None:
        assert self._form is not None
        name = given["name"]
        if given["type"] != "radio":
            self._form.fields[name] = given.get("value", "")
            return
        self._form.choices.setdefault(name, []).append(given["value"])
        if "checked" in given:
            self._form.fields[name] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> closes something else"
        if tag == "form":
            self._form = None
        elif tag == "button" and self._button is not None:
            self._pressable(self._button)
            self._button = None

    def _pressable(self, given: dict[str, str]) -> None:
        if given.get("type") == "button":
            return
        about = given.get("aria-label", "").partition(", ")[2]
        own = {given["name"]: given["value"]} if "name" in given else {}
        press = Press(" ".join(given["label"].split()), about, "", own, is_focused="autofocus" in given)
        self.presses.append(press)
        if "form" in given:
            self._waiting.append((press, given["form"]))
        elif self._form is not None:
            press.action = self._form.action
            press.fields = {**self._form.fields, **own}
            press.choices = self._form.choices

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("style", "script", "title"):
            return
        self.text += f" {data}"
        if self._button is not None:
            self._button["label"] += data
        if self.links and "a" in self._open:
            href, words = self.links[-1]
            self.links[-1] = (href, " ".join(f"{words} {data}".split()))

    def find(self, label: str, about: str = "") -> Press | None:
        """What can be pressed whose label begins so, about a pupil where one is given."""
        return next((each for each in self.presses if each.label.startswith(label) and about in each.about), None)
