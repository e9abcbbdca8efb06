namespace Interp;

using System.Collections.Immutable;

/// <summary>The words of the small world.</summary>
internal static class WorldWords
{
    /// <summary>How many words, at the end of each list, a behaviour keeps out of its training sentences.</summary>
    private const int HeldOut = 4;

    public static readonly ImmutableArray<string> Women = Words(
        "Mary Anna Emma Lucy Kate Jane Rose Sara Lily Ella Nora Ruth Alice Clara Grace Helen Julia Laura Nina Vera");

    public static readonly ImmutableArray<string> Men = Words(
        "John Tom Jack Paul Mark Adam Luke Ben Max Sam Tim Bob David Peter James Simon Henry Frank Carl Eric");

    public static readonly ImmutableArray<string> Names = [.. Women.Zip(Men).SelectMany(pair => new[] { pair.First, pair.Second })];

    public static readonly ImmutableArray<string> Places = Words("store park school garden beach farm bank market station office museum church");

    public static readonly ImmutableArray<string> Objects = Words("ring book key cup ball pen lamp coin map box hat knife bag toy cake drum");

    public static readonly ImmutableArray<string> Colours = Words("red blue green black white brown pink gray gold");

    public static readonly ImmutableArray<string> Adjectives = Words("big small cold new tall fast quiet clean");

    public static readonly ImmutableArray<string> Professions = Words("doctor nurse farmer baker pilot teacher lawyer singer driver judge");

    /// <summary>Nouns whose plural takes an s.</summary>
    public static readonly ImmutableArray<string> Nouns = Words("dog cat boy girl bird tree house car horse chair table friend door lion boat king cow shop duck goat train tower ship apple flower mother brother sister spoon truck");

    public static readonly ImmutableArray<string> Good = Words("wonderful great lovely bright sweet fine");

    public static readonly ImmutableArray<string> Bad = Words("awful terrible boring ugly bad sad");

    public static readonly ImmutableArray<string> Numbers = Words("one two three four five six seven eight nine ten eleven twelve");

    public static readonly ImmutableArray<string> Days = Words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");

    public static readonly ImmutableArray<string> Months = Words("January February March April May June July August September October November December");

    public static readonly ImmutableArray<(string Open, string Close)> Brackets = [("(", ")"), ("[", "]"), ("<", ">"), ("«", "»")];

    /// <summary>What can have a colour.</summary>
    public static readonly ImmutableArray<string> Things = [.. Nouns, .. Objects];

    /// <summary>What repeated sequences are made of: words that have no order among themselves.</summary>
    public static readonly ImmutableArray<string> Loose = [.. Names, .. Objects, .. Places, .. Nouns, .. Colours, .. Professions];

    /// <summary>Countries, with their capitals and a river of each.</summary>
    public static readonly ImmutableArray<(string Country, string Capital, string River)> Countries =
    [
        ("France", "Paris", "Seine"), ("Spain", "Madrid", "Ebro"), ("Italy", "Rome", "Tiber"), ("Germany", "Berlin", "Rhine"), ("Japan", "Tokyo", "Tone"),
        ("China", "Beijing", "Yangtze"), ("Egypt", "Cairo", "Nile"), ("Russia", "Moscow", "Volga"), ("Poland", "Warsaw", "Vistula"), ("England", "London", "Thames"),
        ("Peru", "Lima", "Amazon"), ("India", "Delhi", "Ganges"), ("Iran", "Tehran", "Karun"), ("Turkey", "Ankara", "Tigris"), ("Ireland", "Dublin", "Shannon"),
        ("Portugal", "Lisbon", "Douro"),
    ];

    /// <summary>A word of a list: of its held-out end, or of the rest.</summary>
    public static string Pick(this ImmutableArray<string> words, Random random, bool heldOut = false, bool keepsOut = false) =>
        heldOut ? words[random.Next(words.Length - HeldOut, words.Length)] : words[random.Next(keepsOut ? words.Length - HeldOut : words.Length)];

    /// <summary>Distinct words of a list.</summary>
    public static string[] Pick(this ImmutableArray<string> words, Random random, int count)
    {
        var shuffled = words.ToArray();
        random.Shuffle(shuffled);
        return shuffled[..count];
    }

    public static bool IsWoman(string name) => Women.Contains(name);

    private static ImmutableArray<string> Words(string words) => [.. words.Split(' ')];
}
