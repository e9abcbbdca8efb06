namespace Interp;

using System.Collections.Immutable;

/// <summary>A small English-like world whose truth is known: sentences of twelve behaviours, and the plain facts beneath them.</summary>
/// <remarks>
/// <see cref="TinyWorld"/> is trained on its documents. Each behaviour gives prompts with named spans, latent variables and aligned
/// corruptions, for that model or, where its tokenizer suits, for any other.
/// </remarks>
public static partial class World
{
    /// <summary>All behaviours.</summary>
    public static ImmutableArray<WorldBehaviour> Behaviours => All.Behaviours;

    /// <summary>A behaviour by its name.</summary>
    /// <exception cref="ArgumentException">There is no such behaviour; the message lists them.</exception>
    public static WorldBehaviour Behaviour(string name) =>
        Behaviours.FirstOrDefault(b => b.Name == name)
        ?? throw new ArgumentException($"The world has no behaviour '{name}': it has {string.Join(", ", Behaviours.Select(b => b.Name))}.", nameof(name));

    /// <summary>A document of training: sentences of random behaviours and facts, one behind the other.</summary>
    /// <param name="random">Where the draws come from.</param>
    /// <param name="sentences">How many sentences.</param>
    public static string Document(Random random, int sentences)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sentences);
        return string.Join(' ', Enumerable.Range(0, sentences).Select(_ => Line(random)));
    }

    // About one sentence in five is a plain fact; what takes longer to learn comes more often.
    private static string Line(Random random)
    {
        var which = random.Next(All.Mixture.Length + 5);
        return which < All.Mixture.Length ? All.Mixture[which].Sentence(random, WorldSplit.Seen).Text : Fact(random);
    }

    // What behaviours build on and held-out words are known by: who is a woman, which noun is a plural, which city and river lies where.
    private static string Fact(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                var place = WorldWords.Countries[random.Next(WorldWords.Countries.Length)];
                return $"{place.Capital} is a city in {place.Country}.";
            case 1:
                var land = WorldWords.Countries[random.Next(WorldWords.Countries.Length)];
                return $"The {land.River} is a river in {land.Country}.";
            case 2:
            case 3:
                var plural = random.Next(2) == 0;
                return $"The {Form(WorldWords.Nouns.Pick(random), plural)} {Verb(plural, random.Next(2) == 0)} {WorldWords.Adjectives.Pick(random)}.";
            default:
                var name = WorldWords.Names.Pick(random);
                return $"{name} is a {(WorldWords.IsWoman(name) ? "woman" : "man")}.";
        }
    }

    private static ImmutableDictionary<string, string> Words(params (string Name, string Word)[] words) => words.ToImmutableDictionary(w => w.Name, w => w.Word);

    private static ImmutableSortedDictionary<string, string> Latents(params (string Name, string Value)[] values) =>
        values.ToImmutableSortedDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);

    // A type of its own: the parts of this class are initialised in no particular order.
    private static class All
    {
        public static readonly ImmutableArray<WorldBehaviour> Behaviours =
        [
            IndirectObject, Pronoun, SubjectVerb, DeterminerNoun, Capital, TwoHopCapital, GreaterThan, Successor, Induction, ColoredObjects, Brackets, Sentiment,
        ];

        public static readonly ImmutableArray<WorldBehaviour> Mixture =
            [.. Behaviours, Induction, GreaterThan, GreaterThan, ColoredObjects, SubjectVerb, Pronoun, IndirectObject];
    }
}
