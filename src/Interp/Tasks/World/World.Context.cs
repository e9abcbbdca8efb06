namespace Interp;

using static Interp.WorldWords;

/// <summary>Behaviours whose answer stands in the context.</summary>
public static partial class World
{
    private const string MoreAsked = "|, the <more0> <its0>, the <more1> <its1>, the <more2> <its2>.";

    /// <summary>The one of two people who does not give receives (Wang et al. 2023); the corruption lets the other one give.</summary>
    public static WorldBehaviour IndirectObject { get; } = new(
        "indirect object", "of two people the one who does not give receives", candidates: 2,
        [
            "When {IO:<a>} and {S1:<b>} went to the <place>, {S2:<c>} gave the <object> to",
            "When {S1:<b>} and {IO:<a>} went to the <place>, {S2:<c>} gave the <object> to",
            "Then {IO:<a>} and {S1:<b>} had a <object> at the <place>, and {S2:<c>} handed it to",
            "Then {S1:<b>} and {IO:<a>} had a <object> at the <place>, and {S2:<c>} handed it to",
            "When {S1:<b>} and {IO:<a>} had a <object> at the <place>, {S2:<c>} handed the <object> to",
        ],
        (random, heldOut) =>
        {
            var two = (heldOut ? Names[^4..] : Names[..^4]).Pick(random, 2);
            var words = Words(("a", two[0]), ("b", two[1]), ("c", two[1]), ("place", Places.Pick(random)), ("object", Objects.Pick(random)));
            return new WorldDraw($" {two[0]}", $" {two[1]}")
            {
                Words = words, Changed = Words(("c", two[0])), Latents = Latents(("receiver", two[0]), ("giver", two[1])),
            };
        })
        { HoldsOutWords = true };

    /// <summary>The colour that an object was said to have; the corruption asks for another object.</summary>
    /// <remarks>In training three more are asked behind the first, so that one does not follow from the others.</remarks>
    public static WorldBehaviour ColoredObjects { get; } = new(
        "colored objects", "an object has the colour it was said to have", candidates: 3,
        [
            "On the table there is a {C1:<c1>} {O1:<o1>}, a {C2:<c2>} {O2:<o2>} and a {C3:<c3>} {O3:<o3>}: the {ASKED:<asked>}" + MoreAsked,
            "<name> has a {C1:<c1>} {O1:<o1>}, a {C2:<c2>} {O2:<o2>} and a {C3:<c3>} {O3:<o3>}: the {ASKED:<asked>}" + MoreAsked,
            "In the <place> <name> saw a {C1:<c1>} {O1:<o1>}, a {C2:<c2>} {O2:<o2>} and a {C3:<c3>} {O3:<o3>}: the {ASKED:<asked>}" + MoreAsked,
            "<name> saw a {C1:<c1>} {O1:<o1>}, a {C2:<c2>} {O2:<o2>} and a {C3:<c3>} {O3:<o3>}: the {ASKED:<asked>}",
        ],
        (random, heldOut) =>
        {
            var (colours, objects) = (Colours.Pick(random, 3), (heldOut ? Things[^4..] : Things[..^4]).Pick(random, 3));
            var asked = random.Next(3);
            var other = (asked + 1 + random.Next(2)) % 3;
            int[] more = [random.Next(3), random.Next(3), random.Next(3)];
            var words = Words(
            [
                ("c1", colours[0]), ("c2", colours[1]), ("c3", colours[2]), ("o1", objects[0]), ("o2", objects[1]), ("o3", objects[2]), ("asked", objects[asked]),
                .. more.SelectMany((place, i) => new[] { ($"more{i}", objects[place]), ($"its{i}", colours[place]) }),
                ("name", Names.Pick(random)), ("place", Places.Pick(random)),
            ]);
            return new WorldDraw($" {colours[asked]}", $" {colours[other]}")
            {
                Words = words, Changed = Words(("asked", objects[other])), Latents = Latents(("colour", colours[asked]), ("place", $"{asked + 1}")),
            };
        })
        { HoldsOutWords = true };

    /// <summary>Who saw something good loved it, who saw something bad hated it; the corruption turns both words of judgement around.</summary>
    public static WorldBehaviour Sentiment { get; } = new(
        "sentiment", "what is good is loved, what is bad is hated", candidates: 2,
        [
            "<name> saw the film. It was {W1:<w1>} and {W2:<w2>}. <name>",
            "<name> had the cake. It was {W1:<w1>} and {W2:<w2>}. <name>",
            "<name> went to the <place>. It was {W1:<w1>} and {W2:<w2>}. <name>",
            "<name> saw the cake. It was {W1:<w1>} and {W2:<w2>}. <name>",
        ],
        (random, _) =>
        {
            var good = random.Next(2) == 0;
            var (words, others) = good ? (Good, Bad) : (Bad, Good);
            var (two, changed) = (words.Pick(random, 2), others.Pick(random, 2));
            return new WorldDraw(good ? " loved" : " hated", good ? " hated" : " loved", " it.")
            {
                Words = Words(("name", Names.Pick(random)), ("place", Places.Pick(random)), ("w1", two[0]), ("w2", two[1])),
                Changed = Words(("w1", changed[0]), ("w2", changed[1])), Latents = Latents(("sentiment", good ? "good" : "bad")),
            };
        });
}
