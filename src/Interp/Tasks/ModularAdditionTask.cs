namespace Interp;

using System.Collections.Immutable;
using System.Globalization;

/// <summary>Addition modulo a prime: <c>a b =</c>, then (a + b) mod p.</summary>
/// <remarks>
/// The task on which grokking was taken apart (Power et al. 2022; Nanda et al. 2023). Number i is token i, and <c>=</c> is token p.
/// All p² pairs are known, so every figure of a model on it is exact.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ModularAdditionTask
{
    internal ModularAdditionTask(int modulus)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(modulus, 3);
        Modulus = modulus;
        Vocabulary = [.. Enumerable.Range(0, modulus).Select(i => i.ToString(CultureInfo.InvariantCulture)), "="];
        Tokenizer = new VocabularyTokenizer(Vocabulary);
    }

    /// <summary>p.</summary>
    public int Modulus { get; }

    /// <summary>The tokens: the numbers, then <c>=</c>.</summary>
    public ImmutableArray<string> Vocabulary { get; }

    /// <summary>Reads and writes them, separated by spaces.</summary>
    public VocabularyTokenizer Tokenizer { get; }

    /// <summary>All pairs, [p², 3]: row a p + b is <c>a b =</c>.</summary>
    public RunInput AllPairs() => RunInput.Of(Enumerable.Range(0, Modulus * Modulus).Select(Row));

    /// <summary>The right answers of <see cref="AllPairs"/>.</summary>
    public ImmutableArray<int> Answers() => [.. Enumerable.Range(0, Modulus * Modulus).Select(Answer)];

    /// <summary>A random part of the pairs, as row numbers of <see cref="AllPairs"/>, and the rest.</summary>
    /// <param name="share">Which share of them is trained on; more than 0, less than 1.</param>
    /// <param name="seed">Equal seeds give equal parts.</param>
    public (ImmutableArray<int> Training, ImmutableArray<int> HeldOut) Split(double share, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        var pairs = Enumerable.Range(0, Modulus * Modulus).ToArray();
        new Random(seed).Shuffle(pairs);
        var count = Math.Max(1, (int)(share * pairs.Length));
        return ([.. pairs[..count].Order()], [.. pairs[count..].Order()]);
    }

    /// <summary>Pairs by their row numbers in <see cref="AllPairs"/>.</summary>
    public RunInput Pairs(IEnumerable<int> rows) => RunInput.Of(rows.Select(Row));

    /// <summary>Prompts with corruptions in which the first number is another one.</summary>
    /// <param name="count">How many pairs.</param>
    /// <param name="seed">Equal seeds give equal prompts.</param>
    public TaskPrompts Prompts(int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var random = new Random(seed);
        var clean = Enumerable.Range(0, count).Select(_ => random.Next(Modulus * Modulus)).ToArray();
        var corrupted = clean.Select(row => (row + random.Next(1, Modulus) * Modulus) % (Modulus * Modulus)).ToArray();
        return new TaskPrompts
        {
            Clean = Pairs(clean), Corrupted = Pairs(corrupted), Correct = [.. clean.Select(Answer)], Incorrect = [.. corrupted.Select(Answer)], Candidates = Modulus,
            Latents = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty
                .Add("a", [.. clean.Select(row => Vocabulary[row / Modulus])]).Add("b", [.. clean.Select(row => Vocabulary[row % Modulus])]),
        };
    }

    /// <summary>(a + b) mod p of a row of <see cref="AllPairs"/>.</summary>
    internal int Answer(int row) => (row / Modulus + row % Modulus) % Modulus;

    private int[] Row(int row) => [row / Modulus, row % Modulus, Modulus];

    /// <summary>The modulus.</summary>
    public override string ToString() => $"addition modulo {Modulus}";
}
