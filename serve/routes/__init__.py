"""The addresses of the HTTP service: parse, call, return."""
