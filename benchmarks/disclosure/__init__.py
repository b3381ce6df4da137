"""Staff tables protected and audited, for every reader that the promise names."""
