namespace Interp;

using static Interp.WorldWords;

/// <summary>Behaviours of knowledge.</summary>
public static partial class World
{
    /// <summary>The capital of a country; the corruption names another country.</summary>
    public static WorldBehaviour Capital { get; } = new(
        "capital", "the capital of a country", Countries.Length,
        [
            "The capital of {COUNTRY:<country>} is",
            "<name> lives in the capital of {COUNTRY:<country>}, which is",
            "The biggest city in {COUNTRY:<country>} is",
            "<name> went to the capital of {COUNTRY:<country>}, which is",
        ],
        (random, _) =>
        {
            var (one, other) = Two(random, 0, Countries.Length);
            return new WorldDraw($" {Countries[one].Capital}", $" {Countries[other].Capital}")
            {
                Words = Words(("country", Countries[one].Country), ("name", Names.Pick(random))), Changed = Words(("country", Countries[other].Country)),
                Latents = Latents(("country", Countries[one].Country)),
            };
        });

    /// <summary>The capital of the country that a river is in: two facts, one after the other; the corruption names another river.</summary>
    public static WorldBehaviour TwoHopCapital { get; } = new(
        "two-hop capital", "the capital of the country of a river", Countries.Length,
        [
            "The capital of the country of the {RIVER:<river>} is",
            "<name> lives in the capital of the country of the {RIVER:<river>}, which is",
            "<name> went to the capital of the country of the {RIVER:<river>}, which is",
        ],
        (random, _) =>
        {
            var (one, other) = Two(random, 0, Countries.Length);
            return new WorldDraw($" {Countries[one].Capital}", $" {Countries[other].Capital}")
            {
                Words = Words(("river", Countries[one].River), ("name", Names.Pick(random))), Changed = Words(("river", Countries[other].River)),
                Latents = Latents(("country", Countries[one].Country), ("river", Countries[one].River)),
            };
        });

    private static (int One, int Other) Two(Random random, int from, int to)
    {
        var one = random.Next(from, to);
        var other = random.Next(from, to - 1);
        return (one, other >= one ? other + 1 : other);
    }
}
