namespace Interp;

using System.Collections.Immutable;

/// <summary>A sentence that a tokenizer writes with equally many tokens clean and corrupted, and answers of one token.</summary>
internal sealed record AlignedSentence(WorldSentence Sentence, TokenizedPrompt Clean, TokenizedPrompt Corrupted, int Correct, int Incorrect, ImmutableArray<int> Right)
{
    /// <summary>The sentence, or null where the tokenizer does not write it aligned.</summary>
    public static AlignedSentence? Of(WorldSentence sentence, ITokenizer tokenizer)
    {
        var (clean, corrupted) = (sentence.Clean.Tokenize(tokenizer), sentence.Corrupted.Tokenize(tokenizer));
        if (clean.Tokens.Ids.Length != corrupted.Tokens.Ids.Length || clean.Tokens.Ids.SequenceEqual(corrupted.Tokens.Ids))
            return null;
        if (tokenizer.TokenId(sentence.Answer) is not { } correct || tokenizer.TokenId(sentence.CorruptedAnswer) is not { } incorrect || correct == incorrect)
            return null;
        var right = sentence.Right.Select(tokenizer.TokenId).OfType<int>().ToImmutableArray();
        return new AlignedSentence(sentence, clean, corrupted, correct, incorrect, right);
    }

    /// <summary>Sentences as prompts.</summary>
    public static TaskPrompts Join(IReadOnlyList<AlignedSentence> sentences, int candidates)
    {
        var latents = sentences.Select(s => s.Sentence.Latents.Keys.AsEnumerable()).Aggregate((a, b) => a.Intersect(b)).ToArray();
        return new TaskPrompts
        {
            Clean = RunInput.Of(sentences.Select(s => s.Clean)), Corrupted = RunInput.Of(sentences.Select(s => s.Corrupted)),
            Correct = [.. sentences.Select(s => s.Correct)], Incorrect = [.. sentences.Select(s => s.Incorrect)],
            Right = [.. sentences.Select(s => s.Right)], Candidates = candidates,
            Latents = latents.ToImmutableSortedDictionary(name => name, name => sentences.Select(s => s.Sentence.Latents[name]).ToImmutableArray()),
        };
    }
}
