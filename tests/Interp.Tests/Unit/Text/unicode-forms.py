"""Makes the digests of UnicodeFormsTests from this Python's unicodedata: every code point alone, and 20,000 pseudo-random strings of troublesome ones."""
import hashlib
import unicodedata

BASES = [0x41, 0x61, 0x65, 0x20, 0xC5, 0xE9, 0x1E0A, 0x1EA5, 0x3B1, 0x1F80, 0x915, 0x9C7, 0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0xFB01, 0x2126, 0x1D15E, 0x1F600]
MARKS = [0x300, 0x301, 0x307, 0x308, 0x30A, 0x323, 0x327, 0x328, 0x345, 0x93C, 0x9BE, 0x9D7, 0x1161, 0x11A8, 0x1D165, 0x344, 0xF73]


def strings():
    state = 12345
    for _ in range(20000):
        text = ""
        for _ in range(8):
            state = (state * 1103515245 + 12345) % 2**31
            source = BASES if state >> 16 & 1 else MARKS
            text += chr(source[(state >> 17) % len(source)])
        yield text


for form in ["NFC", "NFD", "NFKC", "NFKD"]:
    digest = hashlib.sha256()
    for code in list(range(0x30000)) + list(range(0xE0000, 0xE0200)):
        if not 0xD800 <= code <= 0xDFFF:
            digest.update((unicodedata.normalize(form, chr(code)) + "\n").encode())
    alone = digest.hexdigest()[:16]
    digest = hashlib.sha256()
    for text in strings():
        digest.update((unicodedata.normalize(form, text) + "\n").encode())
    print(form, alone, digest.hexdigest()[:16])
