namespace Interp;

using System.Collections.Immutable;
using System.Globalization;
using static Interp.WorldWords;

/// <summary>Behaviours of order and repetition.</summary>
public static partial class World
{
    private const int ShortestSegment = 5;
    private const int LongestSegment = 9;

    /// <summary>A span of years ends after it begins (Hanna et al. 2023); the corruption begins earlier, so that years between become right.</summary>
    public static WorldBehaviour GreaterThan { get; } = new(
        "greater-than", "a year that is later than the first, in the same century", candidates: 99,
        [
            "The war lasted from the year {C1:<century>}{Y:<year>} to the year {C2:<century>}",
            "The king ruled from the year {C1:<century>}{Y:<year>} to the year {C2:<century>}",
            "The church was there from the year {C1:<century>}{Y:<year>} to the year {C2:<century>}",
        ],
        (random, _) =>
        {
            // A first year of 01 has no earlier one: training reads it, prompts leave it out.
            var (century, year) = (Two(random.Next(11, 20)), random.Next(1, 98));
            var earlier = random.Next(1, Math.Max(year, 2));
            var later = Enumerable.Range(year + 1, 99 - year).Select(Two).ToImmutableArray();
            return new WorldDraw(later[random.Next(later.Length)], Two(random.Next(earlier + 1, Math.Max(year, 2) + 1)))
            {
                Words = Words(("century", century), ("year", Two(year))), Changed = Words(("year", Two(earlier))), Right = later,
                Latents = Latents(("century", century), ("year", Two(year))),
            };
        });

    /// <summary>The next number, day or month; the corruption counts from elsewhere.</summary>
    public static WorldBehaviour Successor { get; } = new(
        "successor", "the next of numbers, days and months", candidates: Numbers.Length + Days.Length + Months.Length,
        [
            "{S1:<s1>}, {S2:<s2>}, {S3:<s3>},",
            "Count: {S1:<s1>}, {S2:<s2>}, {S3:<s3>},",
            "<name> said {S1:<s1>}, {S2:<s2>}, {S3:<s3>},",
            "The order is {S1:<s1>}, {S2:<s2>}, {S3:<s3>},",
            "On the table there is {S1:<s1>}, {S2:<s2>}, {S3:<s3>},",
            "Then <name> said {S1:<s1>}, {S2:<s2>}, {S3:<s3>},",
        ],
        (random, _) =>
        {
            var which = random.Next(3);
            var (row, round) = which switch { 0 => (Numbers, false), 1 => (Days, true), _ => (Months, true) };
            var (one, other) = Two(random, 0, round ? row.Length : row.Length - 3);
            string At(int place) => row[place % row.Length];
            return new WorldDraw($" {At(one + 3)}", $" {At(other + 3)}")
            {
                Words = Words(("s1", At(one)), ("s2", At(one + 1)), ("s3", At(one + 2)), ("name", Names.Pick(random))),
                Changed = Words(("s1", At(other)), ("s2", At(other + 1)), ("s3", At(other + 2))),
                Latents = Latents(("kind", which switch { 0 => "number", 1 => "day", _ => "month" }), ("last", At(one + 2))),
            };
        });

    /// <summary>The word that came after a word the time before; the corruption has changed its place with another's in the first round.</summary>
    /// <remarks>Segments differ in length, so that copying from a fixed distance does not help, and are repeated to their end.</remarks>
    public static WorldBehaviour Induction { get; } = new(
        "induction", "the word that came after this one the time before", ShortestSegment,
        [
            "<w0> {CUE:<w1>} {RIGHT:<w2>} {DECOY:<w4>} {WRONG:<w5>} <r0> {END:<r1>}| <w4> <w5>.",
            "<w0> {CUE:<w1>} {RIGHT:<w2>} <w3> {DECOY:<w4>} {WRONG:<w5>} <r0> {END:<r1>}| <w3> <w4> <w5>.",
            "<w0> <w3> {CUE:<w1>} {RIGHT:<w2>} <w6> {DECOY:<w4>} {WRONG:<w5>} <r0> <r3> {END:<r1>}| <w6> <w4> <w5>.",
            "<w0> {CUE:<w1>} {RIGHT:<w2>} <w3> <w6> <w7> {DECOY:<w4>} {WRONG:<w5>} <w8> <r0> {END:<r1>}| <w3> <w6> <w7> <w4> <w5> <w8>.",
            "<w0> <w3> {CUE:<w1>} {RIGHT:<w2>} <w6> {DECOY:<w4>} {WRONG:<w5>} <w7> <r0> <r3> {END:<r1>}| <w6> <w4> <w5> <w7>.",
        ],
        (random, _) =>
        {
            var words = Loose.Pick(random, LongestSegment);
            return new WorldDraw($" {words[2]}", $" {words[5]}")
            {
                Words = Words([
                    .. words.Select((w, i) => ($"w{i}", w)), ("r0", words[0]), ("r1", words[1]), ("r3", words[3]),
                ]),
                Changed = Words(("w1", words[4]), ("w4", words[1])), Latents = Latents(("cue", words[1])),
            };
        });

    /// <summary>The closing bracket of the outer pair; the corruption opens another kind.</summary>
    public static WorldBehaviour Brackets { get; } = new(
        "brackets", "the bracket that closes the one still open", WorldWords.Brackets.Length,
        [
            "{OPEN:<o>} <i> <j>",
            "{OPEN:<o>} <i> <j> <k> <l>",
            "{OPEN:<o>} <i> <k> <l> <j>",
            "{OPEN:<o>} <k> <i> <j> <l>",
        ],
        (random, _) =>
        {
            var kinds = WorldWords.Brackets;
            var (one, other) = Two(random, 0, kinds.Length);
            var (inner, second) = (kinds[random.Next(kinds.Length)], kinds[random.Next(kinds.Length)]);
            return new WorldDraw($" {kinds[one].Close}", $" {kinds[other].Close}", "")
            {
                Words = Words(("o", kinds[one].Open), ("i", inner.Open), ("j", inner.Close), ("k", second.Open), ("l", second.Close)),
                Changed = Words(("o", kinds[other].Open)), Latents = Latents(("kind", kinds[one].Open)),
            };
        });

    /// <summary>Every year, equally often: a tokenizer that learns from these too has a token for each.</summary>
    internal static IEnumerable<string> Years =>
        from times in Enumerable.Range(0, 8) from century in Enumerable.Range(11, 9) from year in Enumerable.Range(0, 100) select Two(century) + Two(year);

    private static string Two(int number) => number.ToString("00", CultureInfo.InvariantCulture);
}
