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

    /// <summary>A document of training's second part: half of its sentences have answers that stand in the context, which takes longest to learn.</summary>
    internal static string DocumentOfContext(Random random, int sentences) =>
        string.Join(' ', Enumerable.Range(0, sentences).Select(_ => random.Next(16) switch
        {
            < 8 => Line(random),
            < 10 => Induction.Sentence(random, WorldSplit.Seen).Text,
            < 13 => ColoredObjects.Sentence(random, WorldSplit.Seen).Text,
            _ => Inventory(random),
        }));

    // About one sentence in three is a plain fact; what takes longer to learn comes more often.
    private static string Line(Random random)
    {
        var which = random.Next(All.Mixture.Length + 10);
        return which < All.Mixture.Length ? All.Mixture[which].Sentence(random, WorldSplit.Seen).Text : Fact(random);
    }

    // What behaviours build on and held-out words are known by: which city and river lies where, which noun is a plural, who is a woman.
    private static string Fact(Random random)
    {
        var country = WorldWords.Countries[random.Next(WorldWords.Countries.Length)];
        var (plural, present, name) = (random.Next(2) == 0, random.Next(2) == 0, WorldWords.Names.Pick(random));
        var (noun, verb, woman) = (Form(WorldWords.Nouns.Pick(random), plural), Verb(plural, present), WorldWords.IsWoman(name));
        return random.Next(10) switch
        {
            0 => $"{country.Capital} is a city in {country.Country}.",
            1 => $"The {country.River} is a river in {country.Country}.",
            2 => $"The {noun}{verb} {WorldWords.Adjectives.Pick(random)}.",
            3 or 4 => $"The {noun} in the {WorldWords.Places.Pick(random)}{verb} {WorldWords.Adjectives.Pick(random)}.",
            5 or 6 => $"{name} is a {(woman ? "woman" : "man")}.",
            7 or 8 => $"{name} lost {(woman ? "her" : "his")} {WorldWords.Objects.Pick(random)} at the {WorldWords.Places.Pick(random)}.",
            _ => Inventory(random),
        };
    }

    // What lists of colored objects are to things held out of these: the same with other words than colours.
    private static string Inventory(Random random)
    {
        var (things, words) = (WorldWords.Things.Pick(random, 3), WorldWords.Adjectives.Pick(random, 3));
        var asked = Enumerable.Range(0, 4).Select(_ => random.Next(3)).Select(i => $"the {things[i]} {words[i]}");
        return $"{WorldWords.Names.Pick(random)} has a {words[0]} {things[0]}, a {words[1]} {things[1]} and a {words[2]} {things[2]}: {string.Join(", ", asked)}.";
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
            [.. Behaviours, Induction, GreaterThan, SubjectVerb, Pronoun, IndirectObject, IndirectObject, Brackets];
    }
}
