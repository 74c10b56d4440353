"""The page as a whole: drawing, wiring, endpoints, theme, language menu."""
