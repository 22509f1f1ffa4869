"""The commands of ``sapa``, a module each; ``serve.cli`` puts them together."""
