// Writes vectors of an independent implementation, npm's @huggingface/tokenizers, for the test IndependentTokenizerTests.
//   npm install @huggingface/tokenizers            (in any folder; run this script from there)
//   node .../eng/tokenizer-vectors.mjs TOKENIZER.json OUT.json [COUNT]
//   INTERP_TOKENIZER_VECTORS=FOLDER_OF_OUT dotnet test --filter IndependentTokenizer
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const { Tokenizer } = require("@huggingface/tokenizers");
const [, , source, out, count = "10000"] = process.argv;
const tokenizer = new Tokenizer(JSON.parse(fs.readFileSync(source, "utf8")), {});

let state = 42n;
const random = (n) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number((state >> 33n) % BigInt(n));
};
const words = ["the", " cat", "Hello", " world", "don't", "I'LL", "we've", " 123", "3.14", "naïve", " café", "日本語", "한국어", "русский", " العربية",
  "हिन्दी", "🦙", "👨‍👩‍👧", "e\u0301", "\u00a0", "\u3000", "\n", "\n\n", "\r\n", "\t", "  ", "   ", "!!", "...", "—", "“x”", "𝐀𝐁", "𝟏𝟐", "½", "Ⅻ", "٣", "_",
  "</s>", "<|endoftext|>", "#", "a", "Z", "İ", "ſ", "ǆ", "ﬁ", "＃", "가", "ᄀ", "ᅡ"];
const planes = [[32, 95], [0xa0, 0x500], [1, 0xfffe], [0x1f300, 0x400], [0x10000, 0x10000], [1, 0x2fffe]];
const character = () => {
  for (;;) {
    const [start, size] = planes[random(planes.length)];
    const code = start + random(size);
    if (code < 0xd800 || code > 0xdfff) return String.fromCodePoint(code);
  }
};
const rows = [];
for (let i = 0; i < Number(count); i++) {
  const mode = random(3);
  let text = "";
  for (let n = 1 + random(12); n > 0; n--)
    text += mode === 0 || (mode === 2 && random(2)) ? character() : words[random(words.length)];
  rows.push({ text, ids: Array.from(tokenizer.encode(text, { add_special_tokens: false }).ids) });
}
fs.writeFileSync(out, JSON.stringify({ tokenizer: path.resolve(source), rows }));
