"""Prepare: everything that happens to a message before a model sees it. Serving and training use the same function."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import InvalidMessage
from pipeline.extract import Extractor
from pipeline.language import LanguageGuess
from pipeline.locate import Locator
from pipeline.messages import Message, Prepared
from pipeline.normalise import clean, spell
from pipeline.redact import Redactor

DATA = Path(__file__).parent / "policy"


class Preparer:
    """Normalise, redact, extract, locate.

    Args:
        policy: Folder with the data of the stages.
        max_characters: Longest message accepted, in code points.

    Raises:
        OperatorError: a stage's data or a recogniser is not available. It never starts half blind.
    """

    def __init__(self, policy: Path = DATA, max_characters: int = 20_000) -> None:
        self._redactor = Redactor(policy)
        self._extractor = Extractor(policy)
        self._locator = Locator(policy)
        self._language = LanguageGuess(policy)
        self._max_characters = max_characters

    def prepare(self, message: Message) -> Prepared:
        """The message as later stages read it. Errors: ``InvalidMessage`` (``empty_text``, ``text_too_long``)."""
        if len(message.text) > self._max_characters:
            raise InvalidMessage("text_too_long", f"{len(message.text)} characters, at most {self._max_characters}")
        cleaned = clean(message.text)
        if not cleaned.text.strip():
            raise InvalidMessage("empty_text", "the text is empty")
        redacted = self._redactor.redact(cleaned, message.text)
        facts = self._extractor.extract(redacted.clean, message.received_at)
        place, place_entities = self._locator.locate(redacted.clean, redacted.idpel_prefix)
        model_text = spell(redacted.clean.text)
        return Prepared(
            message=message,
            redacted=redacted,
            facts=facts,
            place=place,
            place_entities=place_entities,
            language=self._language.guess(model_text),
            model_text=model_text,
        )


class TextPreparer:
    """The part of ``Preparer`` that decides what a model sees: for training, where only the text matters."""

    def __init__(self, policy: Path = DATA) -> None:
        self._redactor = Redactor(policy)

    def model_text(self, text: str) -> str:
        """The same ``model_text`` that ``Preparer.prepare`` gives."""
        return spell(self._redactor.redact(clean(text), text).clean.text)
