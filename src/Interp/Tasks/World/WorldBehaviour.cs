namespace Interp;

using System.Collections.Immutable;

/// <summary>One behaviour of the small world: sentences whose next word follows from what stands before it.</summary>
/// <remarks>Made by <see cref="World"/>. A sentence is a template filled with drawn words; everything is a function of the seed.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class WorldBehaviour
{
    private readonly ImmutableArray<string> templates;
    private readonly Func<Random, bool, WorldDraw> draw;

    internal WorldBehaviour(string name, string description, int candidates, ImmutableArray<string> templates, Func<Random, bool, WorldDraw> draw)
    {
        (Name, Description, Candidates, this.templates, this.draw) = (name, description, candidates, templates, draw);
    }

    /// <summary>Its name, such as <c>indirect object</c>.</summary>
    public string Name { get; }

    /// <summary>What determines the answer, in a sentence.</summary>
    public string Description { get; }

    /// <summary>Among how many words of its kind the answer stands; with one right answer chance is one in these.</summary>
    public int Candidates { get; }

    /// <summary>Whether words are kept out of this behaviour in training.</summary>
    public bool HoldsOutWords { get; internal init; }

    /// <summary>Prompts, each with its aligned corruption.</summary>
    /// <remarks>
    /// Sentences that the tokenizer does not write aligned (an answer or a changed word of several tokens) are drawn anew, so another model's tokenizer
    /// gives the prompts that suit it. Prompts may differ in length; <see cref="TaskPrompts"/> tells roles.
    /// </remarks>
    /// <param name="tokenizer">The tokenizer of the model that reads them.</param>
    /// <param name="count">How many pairs.</param>
    /// <param name="seed">Equal seeds give equal prompts.</param>
    /// <param name="split">Seen words and templates, or held-out ones.</param>
    /// <param name="template">Take this template alone (0-based), so that all prompts have one shape; null for any.</param>
    /// <exception cref="ArgumentException">The behaviour holds out no words, or there is no such template, or the tokenizer writes hardly any sentence aligned.</exception>
    public TaskPrompts Prompts(ITokenizer tokenizer, int count, int seed, WorldSplit split = WorldSplit.Seen, int? template = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (split == WorldSplit.HeldOutWords && !HoldsOutWords)
            throw new ArgumentException($"'{Name}' keeps no words out of training: ask for {nameof(WorldSplit.HeldOutTemplates)}.", nameof(split));
        if (template is { } t && (t < 0 || t >= templates.Length - 1))
            throw new ArgumentException($"'{Name}' has no template {t}: it has 0 to {templates.Length - 2}, and one held out.", nameof(template));
        var random = new Random(seed);
        var found = new List<AlignedSentence>();
        for (var tries = 0; found.Count < count; tries++)
        {
            if (tries > 50 * (count + 20))
                throw new ArgumentException($"This tokenizer writes only {found.Count} of {tries} sentences of '{Name}' aligned, with answers of one token; {count} were asked.", nameof(tokenizer));
            if (AlignedSentence.Of(Sentence(random, split, template), tokenizer) is { } aligned)
                found.Add(aligned);
        }
        return AlignedSentence.Join(found, Candidates);
    }

    /// <summary>One sentence.</summary>
    internal WorldSentence Sentence(Random random, WorldSplit split, int? only = null)
    {
        // A template may say, behind a bar, how its sentence goes on after the answer.
        string[] parts = (split == WorldSplit.HeldOutTemplates ? templates[^1] : templates[only ?? random.Next(templates.Length - 1)]).Split('|');
        var drawn = draw(random, split == WorldSplit.HeldOutWords);
        return new WorldSentence
        {
            Clean = Prompt.Parse(Fill(parts[0], drawn.Words)), Corrupted = Prompt.Parse(Fill(parts[0], drawn.Words.SetItems(drawn.Changed))), Answer = drawn.Answer,
            CorruptedAnswer = drawn.CorruptedAnswer, Right = drawn.Right.IsEmpty ? [drawn.Answer] : drawn.Right,
            Ending = parts.Length > 1 ? Fill(parts[1], drawn.Words) : drawn.Ending, Latents = drawn.Latents,
        };
    }

    // Words stand in the template as <name>.
    private static string Fill(string template, ImmutableDictionary<string, string> words)
    {
        foreach (var (name, word) in words)
            template = template.Replace($"<{name}>", word, StringComparison.Ordinal);
        return template;
    }

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
