namespace Interp.Tests.Science.Tasks;

using System.Globalization;
using System.Text.RegularExpressions;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>The bundled model of the small world has learned what its page says.</summary>
[Trait("Tier", "science")]
public sealed partial class TinyWorldTests
{
    // Weights after that many steps: first written down with kernel Zen, AVX2, one thread.
    private const string Bits3 = "67818bc74f9ff156";
    private const string Bits40 = "db3224ae84cef975";
    private static readonly string[] Required = ["pronoun", "subject-verb agreement", "determiner-noun agreement", "capital", "induction", "indirect object"];

    [Fact]
    public void Accuracy_BundledWeights_IsWhatThePageSays()
    {
        using var model = Models.Load("tinyworld");
        var table = TinyWorld.Accuracy(model);
        var stated = Stated();
        for (var i = 0; i < World.Behaviours.Length; i++)
        {
            var name = World.Behaviours[i].Name;
            var required = Required.Contains(name);
            Evidence.Record("tinyworld-accuracy", !required || table[i, 0] >= 0.95, $"{name}: {Cell(table[i, 0])}, held-out words {Cell(table[i, 1])}, held-out templates {Cell(table[i, 2])}, chance {Cell(table[i, 3])}");
            if (required)
                table[i, 0].ShouldBeGreaterThanOrEqualTo(0.95, name);
            table[i, 0].ShouldBeGreaterThan(table[i, 3], name);
            for (var column = 0; column < 4; column++)
                if (double.IsNaN(table[i, column]))
                    stated[name][column].ShouldBeNull();
                else
                    stated[name][column]!.Value.ShouldBe(100 * table[i, column], 0.5, $"{name}, column {column}");
        }
    }

    // Bits of all weights: any machine that runs the test compares with these.
    [Fact]
    public void Train_Twice_GivesTheSameBits()
    {
        var tokenizer = BundledModels.Tokenizer("tinyworld");
        var (steps, bits) = Evidence.Full ? (40, Bits40) : (3, Bits3);
        var options = TinyWorld.Options with { Steps = steps };
        using var one = TinyWorld.Train(0, tokenizer, options);
        using var two = TinyWorld.Train(0, tokenizer, options);
        var (first, second) = (WeightBits.Of(one), WeightBits.Of(two));
        Evidence.Record("tinyworld-repeat", first == second, $"{steps} steps twice: weights {first} and {second}, written down {bits}");
        second.ShouldBe(first);
        first.ShouldBe(bits);
        using var other = TinyWorld.Train(1, tokenizer, options);
        WeightBits.Of(other).ShouldNotBe(WeightBits.Of(one));
    }

    [Fact]
    public void LearnTokenizer_SeedZero_IsTheBundledOne()
    {
        var (learned, bundled) = (Tokenizers.Parse(TinyWorld.LearnTokenizer(0)), BundledModels.Tokenizer("tinyworld"));
        Enumerable.Range(0, bundled.VocabularySize).Select(bundled.TokenText).ShouldBe(Enumerable.Range(0, learned.VocabularySize).Select(learned.TokenText));
    }

    [Fact]
    public void Tokenizer_Bundled_HasOneTokenForEveryWord()
    {
        var (tokenizer, random) = (BundledModels.Tokenizer("tinyworld"), new Random(3));
        for (var i = 0; i < 200; i++)
        {
            var document = World.Document(random, 8);
            string[] words = [.. Regex.Matches(" " + document, BpeTrainer.WordPattern).Select(m => m.Value)];
            tokenizer.Ids(document).Skip(1).Select(tokenizer.TokenText).ShouldBe(words);
        }
    }

    private static string Cell(double share) => double.IsNaN(share) ? "n/a" : share.ToString("P1", CultureInfo.InvariantCulture);

    // The table of docs/organisms.md: | behaviour | seen | held-out words | held-out templates | chance |, in per cent.
    private static Dictionary<string, double?[]> Stated() =>
        Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "organisms.md"))).ToDictionary(
            m => m.Groups["name"].Value.Trim(),
            m => m.Groups["cell"].Captures.Select(c => double.TryParse(c.Value, CultureInfo.InvariantCulture, out var value) ? value : (double?)null).ToArray());

    [GeneratedRegex(@"^\| (?<name>[a-z -]+) \|( (?<cell>[\d.]+|n/a) \|){4}$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
