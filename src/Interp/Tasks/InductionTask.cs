namespace Interp;

using System.Collections.Immutable;

/// <summary>Repeated random words: the word after a word is the one that came after it the time before.</summary>
/// <remarks>
/// A sequence is the beginning-of-sequence token and a segment of distinct random words, over and over. The segment's length is random, so
/// copying from a fixed distance does not help: only finding the earlier occurrence of the present word does (Elhage et al. 2021; Olsson et
/// al. 2022). Everything is a function of the seed.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class InductionTask
{
    private const int ShortestSegment = 4;
    private static readonly string[] Words =
    [
        "ant", "ape", "arm", "art", "bag", "bat", "bay", "bed", "bee", "box", "bus", "cap", "car", "cat", "cow", "cup",
        "day", "dog", "ear", "egg", "elm", "eye", "fan", "fig", "fin", "fox", "gem", "hat", "hen", "ice", "ink", "jam",
        "jar", "jet", "key", "log", "map", "mud", "net", "nut", "oak", "owl", "pan", "pen", "pie", "rug", "sea", "sun",
    ];

    internal InductionTask(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 16);
        Length = length;
    }

    /// <summary>The tokens: <c>&lt;bos&gt;</c>, then 48 words.</summary>
    public static ImmutableArray<string> Vocabulary { get; } = ["<bos>", .. Words];

    /// <summary>Reads and writes the words; puts <c>&lt;bos&gt;</c> first.</summary>
    public static VocabularyTokenizer Tokenizer { get; } = new(Vocabulary, bos: "<bos>");

    /// <summary>Tokens of a sequence, <c>&lt;bos&gt;</c> included.</summary>
    public int Length { get; }

    /// <summary>The length of the longest segment: every sequence repeats at least half of it.</summary>
    public int LongestSegment => Math.Min((Length - 1) * 2 / 3, Words.Length);

    /// <summary>Random sequences.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Equal seeds give equal sequences.</param>
    public InductionSequences Sequences(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var random = new Random(seed);
        var segments = new int[count];
        var rows = new int[count][];
        for (var row = 0; row < count; row++)
        {
            segments[row] = random.Next(ShortestSegment, LongestSegment + 1);
            var segment = Segment(random, segments[row]);
            rows[row] = [0, .. Enumerable.Range(0, Length - 1).Select(i => segment[i % segment.Length])];
        }
        return new InductionSequences(RunInput.Of(rows), [.. segments]);
    }

    /// <summary>Prompts that end with a word which has come before, each with an aligned corruption.</summary>
    /// <remarks>
    /// Clean: a segment, then its first words again; the right answer follows the last of them in the segment. Corrupted: in the segment that
    /// last word (role <c>cue</c>) has changed places with another (role <c>decoy</c>), so the word behind the decoy's place (role
    /// <c>wrong</c>) is right, and the one behind the cue's place (role <c>right</c>) is not. All prompts have these roles at the same places.
    /// </remarks>
    /// <param name="count">How many pairs.</param>
    /// <param name="seed">Equal seeds give equal prompts.</param>
    /// <param name="segment">Words in the segment.</param>
    /// <param name="repeated">Words of it that come again.</param>
    /// <exception cref="ArgumentOutOfRangeException">The segment is too short to hold cue and decoy apart, or prompts would be too long.</exception>
    public TaskPrompts Prompts(int count, int seed, int segment = 8, int repeated = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(repeated);
        ArgumentOutOfRangeException.ThrowIfLessThan(segment, repeated + 3);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(segment, Math.Min(Length - repeated - 1, Words.Length));
        var random = new Random(seed);
        var cue = repeated - 1;
        var decoy = cue + 2 + (segment - cue - 4) / 2; // neither word stands beside the other, or comes again
        List<int[]> clean = [], corrupted = [];
        for (var row = 0; row < count; row++)
        {
            var words = Segment(random, segment);
            int[] again = words[..repeated];
            clean.Add([0, .. words, .. again]);
            (words[cue], words[decoy]) = (words[decoy], words[cue]);
            corrupted.Add([0, .. words, .. again]);
        }
        return new TaskPrompts
        {
            Clean = WithRoles(clean, cue, decoy), Corrupted = WithRoles(corrupted, cue, decoy),
            Correct = [.. clean.Select(row => row[cue + 2])], Incorrect = [.. clean.Select(row => row[decoy + 2])],
        };
    }

    /// <summary>Its length.</summary>
    public override string ToString() => $"repeated words, {Length} tokens a sequence";

    private static int[] Segment(Random random, int length)
    {
        var ids = Enumerable.Range(1, Words.Length).ToArray();
        random.Shuffle(ids);
        return ids[..length];
    }

    private static RunInput WithRoles(List<int[]> rows, int cue, int decoy)
    {
        (string Role, int Place)[] places = [("cue", cue + 1), ("right", cue + 2), ("decoy", decoy + 1), ("wrong", decoy + 2), ("end", rows[0].Length - 1)];
        return RunInput.Of(rows).WithRoles(places.ToImmutableDictionary(
            p => p.Role, p => Enumerable.Repeat(ImmutableArray.Create(p.Place), rows.Count).ToImmutableArray()));
    }
}
