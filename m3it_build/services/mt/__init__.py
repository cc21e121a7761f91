"""Machine translation through CTranslate2."""
