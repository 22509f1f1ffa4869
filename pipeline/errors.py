"""The error tree, split by who can mend it. Messages state numbers and names, never a customer's text.

SapaError
├── SenderError       the sender can mend it: the message or the request
│   ├── InvalidMessage     one message cannot be decided (becomes a ``Rejected`` with its code)
│   └── InvalidInput       a file or a request cannot be read as asked
├── OperatorError     the operator can mend it: installation, policy, bundle
│   ├── PolicyError
│   ├── BundleError
│   └── MissingExtra
└── TemporaryError    nobody has to mend it: try again
"""

from __future__ import annotations


class SapaError(Exception):
    """Any error that Sapa raises on purpose."""


class SenderError(SapaError):
    """The sender can mend it."""


class InvalidMessage(SenderError):
    """One message cannot be decided.

    Attributes:
        code: Machine code such as ``empty_text``; listed in ``REJECTION_CODES``.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class InvalidInput(SenderError):
    """A file or a request cannot be read as asked."""


class OperatorError(SapaError):
    """The operator can mend it."""


class PolicyError(OperatorError):
    """The policy is incomplete, contradictory, or names what does not exist."""


class BundleError(OperatorError):
    """The bundle is missing, altered, or does not fit the policy or this version."""


class MissingExtra(OperatorError):
    """An optional part is not installed.

    Args:
        module: The module that could not be imported.
        extra: The extra of the distribution that brings it.
    """

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"{module} is not installed; install it with: pip install 'sapa-pelanggan[{extra}]'")
        self.extra = extra


class TemporaryError(SapaError):
    """Nobody has to mend it: try again."""


REJECTION_CODES = {
    "empty_text": "the text is empty, or nothing but white space and control characters",
    "text_too_long": "the text has more characters than the policy allows",
    "invalid_utf8": "the bytes are not UTF-8",
    "invalid_json": "the line is not a JSON object",
    "missing_text": "the row has no text field",
    "invalid_field": "a field has a wrong type or an unknown name",
    "unknown_channel": "the channel is not one of the policy's channels",
    "duplicate_id": "the id was already used in this input",
    "internal_error": "the decision failed; the message needs a person",
}
