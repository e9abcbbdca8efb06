"""Writes src/Interp/Text/Normalizing/decompositions.txt from the Unicode Character Database of this Python.

Lines: `XXXX= A B` canonical, recomposed under NFC; `XXXX! A B` canonical, never recomposed; `XXXX~ A B` compatibility;
`XXXX-YYYY N` combining class of a range. Hangul is arithmetic and not listed.
"""
import sys
import unicodedata

out = [f"# Derived from the Unicode Character Database {unicodedata.unidata_version} by eng/make-decompositions.py."]
ranges = []
for code in range(sys.maxunicode + 1):
    char = chr(code)
    parts = unicodedata.decomposition(char).split()
    if parts and not 0xAC00 <= code <= 0xD7A3:
        if parts[0].startswith("<"):
            out.append(f"{code:04X}~ {' '.join(parts[1:])}")
        else:
            composes = unicodedata.normalize("NFC", char) == char
            out.append(f"{code:04X}{'=' if composes else '!'} {' '.join(parts)}")
    combining = unicodedata.combining(char)
    if combining:
        if ranges and ranges[-1][1] == code - 1 and ranges[-1][2] == combining:
            ranges[-1][1] = code
        else:
            ranges.append([code, code, combining])
out += [f"{first:04X}-{last:04X} {combining}" for first, last, combining in ranges]
path = sys.argv[1] if len(sys.argv) > 1 else "src/Interp/Text/Normalizing/decompositions.txt"
with open(path, "w", encoding="ascii") as file:
    file.write("\n".join(out) + "\n")
