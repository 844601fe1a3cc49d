"""Names and queries as searchable text: languages, tokens, pinyin."""
