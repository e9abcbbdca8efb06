namespace Interp;

using System.Collections.Immutable;
using static Interp.WorldWords;

/// <summary>Behaviours of grammar.</summary>
public static partial class World
{
    /// <summary>She or he by the gender of the name; the corruption is a name of the other gender.</summary>
    public static WorldBehaviour Pronoun { get; } = new(
        "pronoun", "she for a woman's name, he for a man's", candidates: 2,
        [
            "{NAME:<name>} went to the <place> and",
            "{NAME:<name>} has a <adjective> <object> and",
            "{NAME:<name>} is a <profession> and",
            "{NAME:<name>} saw the <noun> at the <place> and",
            "{NAME:<name>} had the <object> at the <place> and",
            "{NAME:<name>} saw a <adjective> <noun> and",
            "{NAME:<name>} saw the <object> at the <place> and",
        ],
        (random, heldOut) =>
        {
            var woman = random.Next(2) == 0;
            var (name, other) = (Name(random, woman, heldOut), Name(random, !woman, heldOut));
            return new WorldDraw(woman ? " she" : " he", woman ? " he" : " she", " was happy.")
            {
                Words = Words(
                    ("name", name), ("place", Places.Pick(random)), ("object", Objects.Pick(random)), ("adjective", Adjectives.Pick(random)),
                    ("profession", Professions.Pick(random)), ("noun", Nouns.Pick(random))),
                Changed = Words(("name", other)), Latents = Latents(("gender", woman ? "female" : "male"), ("name", name)),
            };
        })
        { HoldsOutWords = true };

    /// <summary>Is or are by the number of the subject, across another noun; the corruption changes the subject's number.</summary>
    public static WorldBehaviour SubjectVerb { get; } = new(
        "subject-verb agreement", "the verb has the number of the subject, not of the noun between", candidates: 4,
        [
            "The {SUBJECT:<subject>} near the {DISTRACTOR:<distractor>}",
            "The <adjective> {SUBJECT:<subject>} behind the {DISTRACTOR:<distractor>}",
            "The {SUBJECT:<subject>} with the <adjective> {DISTRACTOR:<distractor>}",
            "The {SUBJECT:<subject>} near the <colour> {DISTRACTOR:<distractor>}",
            "The <colour> {SUBJECT:<subject>} with the {DISTRACTOR:<distractor>}",
            "The <colour> {SUBJECT:<subject>} behind the <adjective> {DISTRACTOR:<distractor>}",
            "The <adjective> {SUBJECT:<subject>} near the <colour> {DISTRACTOR:<distractor>}",
        ],
        (random, heldOut) =>
        {
            var subject = Nouns.Pick(random, heldOut, keepsOut: true);
            var (plural, otherPlural) = (random.Next(2) == 0, random.Next(2) == 0);
            var present = random.Next(2) == 0;
            return new WorldDraw(Verb(plural, present), Verb(!plural, present), $" {Adjectives.Pick(random)}.")
            {
                Words = Words(
                    ("subject", Form(subject, plural)), ("distractor", Form(Nouns.Pick(random), otherPlural)), ("adjective", Adjectives.Pick(random)),
                    ("colour", Colours.Pick(random))),
                Changed = Words(("subject", Form(subject, !plural))), Right = [Verb(plural, true), Verb(plural, false)],
                Latents = Latents(("number", plural ? "plural" : "singular"), ("distractor", otherPlural ? "plural" : "singular")),
            };
        })
        { HoldsOutWords = true };

    /// <summary>Singular after this and that, plural after these and those, across adjectives; the corruption changes the determiner's number.</summary>
    public static WorldBehaviour DeterminerNoun { get; } = new(
        "determiner-noun agreement", "this and that take a singular, these and those a plural", candidates: 2 * Nouns.Length,
        [
            "Look at {DETERMINER:<determiner>} <a1>",
            "<name> likes {DETERMINER:<determiner>} <a1> <a2>",
            "<name> wants {DETERMINER:<determiner>} <colour>",
            "<name> saw {DETERMINER:<determiner>} <a1> <colour>",
            "Look at {DETERMINER:<determiner>} <colour>",
        ],
        (random, _) =>
        {
            var (plural, near) = (random.Next(2) == 0, random.Next(2) == 0);
            var noun = Nouns.Pick(random);
            var adjectives = Adjectives.Pick(random, 2);
            return new WorldDraw($" {Form(noun, plural)}", $" {Form(noun, !plural)}")
            {
                Words = Words(
                    ("determiner", Determiner(plural, near)), ("a1", adjectives[0]), ("a2", adjectives[1]), ("colour", Colours.Pick(random)), ("name", Names.Pick(random))),
                Changed = Words(("determiner", Determiner(!plural, near))), Right = [.. Nouns.Select(n => $" {Form(n, plural)}")],
                Latents = Latents(("number", plural ? "plural" : "singular"), ("distance", near ? "near" : "far")),
            };
        });

    private static string Name(Random random, bool woman, bool heldOut) => (woman ? Women : Men).Pick(random, heldOut, keepsOut: true);

    private static string Form(string noun, bool plural) => plural ? noun + "s" : noun;

    private static string Verb(bool plural, bool present) => (plural, present) switch { (true, true) => " are", (true, false) => " were", (false, true) => " is", _ => " was" };

    private static string Determiner(bool plural, bool near) => (plural, near) switch { (true, true) => "these", (true, false) => "those", (false, true) => "this", _ => "that" };
}
