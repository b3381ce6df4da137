"""A version in words for people, in both languages: what every portal says of it alike."""
