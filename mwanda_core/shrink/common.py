"""What every language's texts need and a small corpus rarely shows: digits, punctuation, markup, code, symbols and emoji.

A pseudo-language of this project's own writing: it is counted like one, so that trimming for Swahili does not lose numbers and code.
"""

import functools

COMMON = "common"

_CODE = '''
def mean(values: list[float]) -> float:
    """Arithmetic mean."""
    total = 0.0
    for index, value in enumerate(values):
        if value is None or value != value:
            raise ValueError(f"bad value at {index}")
        total += value
    return total / len(values)

class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

import os, sys
from pathlib import Path
print("Hello, world!", end="\\n")
const items = data.map((item) => item.name).filter(Boolean);
function add(a, b) { return a + b; }
for (int i = 0; i < n; ++i) { sum += array[i]; }
public static void main(String[] args) { System.out.println("ok"); }
SELECT name, COUNT(*) FROM users WHERE age >= 18 GROUP BY name ORDER BY 2 DESC LIMIT 10;
#!/bin/sh
cd /tmp && ls -la | grep txt > out.log 2>&1
{"name": "value", "list": [1, 2.5, -3e8, true, false, null], "nested": {"key": "text"}}
'''

_MARKUP = """
# Title
## Section
* item
- item
1. first
2. second
| a | b |
|---|---|
[link](https://www.example.org/path?query=1&page=2#part) **bold** *italic* `code`
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>x</title></head>
<body><div class="main" id="top"><p>text</p><a href="/">x</a><br/><ul><li>x</li></ul></div></body></html>
name@example.com www.example.com http://example.net/index.html
$E = mc^2$, \\frac{a}{b}, \\sum_{i=1}^{n} x_i
"""

_SIGNS = "! \" # $ % & ' ( ) * + , - . / : ; < = > ? @ [ \\ ] ^ _ ` { | } ~ … – — “ ” ‘ ’ « » „ ‚ ¿ ¡ · • § ¶ † ° ± × ÷ ≈ ≠ ≤ ≥ ∞ √ ∑ π µ € £ ¥ ₹ ₽ © ® ™ → ← ↑ ↓ ✓ ✗ ★ ☆ ½ ¼ ¾ ² ³"

_EMOJI = "😀 😂 🤣 😊 😍 🥰 😘 😎 🤔 😢 😭 😡 😱 🙄 😴 🤗 👍 👎 👏 🙏 💪 🤝 👋 ❤️ 💔 💕 🔥 ✨ 🎉 🎂 🌍 🌞 🌙 ⭐ ☀️ 🌧 ⚽ 🎵 📱 💻 🏠 🚗 ✈️ 🍎 🍕 ☕ 🐶 🐱 🌹 🌳 ✅ ❌ ⚠️ 💯"


@functools.cache
def common_texts() -> tuple[str, ...]:
    """Texts of the pseudo-language."""
    numbers = " ".join(str(n) for n in (*range(200), *range(1900, 2031), *(10**k for k in range(3, 10))))
    amounts = (
        "3.14 0.5 1,000 10.000 1 000 000 50% 12:30 2024-01-15 15/01/2024 +1 (555) 123-4567 $19.99 v1.2.3 10:00 1st 2nd 20th"
    )
    spaced = "a\n\nb\n\n\nc\td\t\te\n  f\n    g\n        h"
    return (_CODE, _MARKUP, _SIGNS, _SIGNS.replace(" ", ""), _EMOJI, _EMOJI.replace(" ", ""), numbers, amounts, spaced)
