namespace Interp;

using System.Runtime.CompilerServices;

/// <content>Generation with interventions live.</content>
public sealed partial record RunPlan
{
    /// <summary>Continues the one prompt greedily and gives the new text.</summary>
    /// <param name="tokens">How many tokens to add at most.</param>
    /// <param name="stopAtEnd">Whether the tokenizer's end-of-sequence token ends the text.</param>
    /// <param name="cancellation">Ends generation between two tokens.</param>
    /// <exception cref="InvalidOperationException">There are several prompts, or no tokenizer.</exception>
    public string Generate(int tokens, bool stopAtEnd = true, CancellationToken cancellation = default)
    {
        if (Input.Batch != 1)
            throw new InvalidOperationException($"There are {Input.Batch} prompts: use Generate(options), whose Rows hold a text for each.");
        if (Model.Tokenizer is null)
            throw new InvalidOperationException($"{Model.Config.ModelName} has no tokenizer: use GenerateTokens.");
        using var generation = (this with { Captures = [] }).Generate(new GenerationOptions { Tokens = tokens, StopAtEnd = stopAtEnd }, null, cancellation);
        return generation.Text;
    }

    /// <summary>Continues every prompt and keeps what the plan captures, at prompt and new tokens, each position once.</summary>
    /// <remarks>
    /// Keys and values of earlier positions are kept, so each step runs one position. Edits stay live; numbers of positions in their units count
    /// from the start of the padded prompt, <see cref="Position.Last"/> is the prompt's last token and then each newest one,
    /// <see cref="Position.Prompt"/> and <see cref="Position.Generated"/> tell reading the prompt from writing. Prompts of different length must be
    /// padded on the left.
    /// </remarks>
    /// <param name="options">How tokens are chosen and when a text ends; null is greedy, 50 tokens.</param>
    /// <param name="progress">Receives every token.</param>
    /// <param name="cancellation">Ends generation between two tokens; nothing is left behind.</param>
    /// <returns>The texts and the activations; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">Options are wrong, padding stands between a prompt and its continuation, or the context has no room.</exception>
    /// <exception cref="NotSupportedException">There are edits or captures, and the text grows past a length where the model's rotary frequencies change.</exception>
    public Generation Generate(GenerationOptions? options, IProgress<GeneratedToken>? progress = null, CancellationToken cancellation = default)
    {
        using var engine = new GenerationEngine(this, options ?? new GenerationOptions(), cancellation);
        while (!engine.Done)
            foreach (var token in engine.Next(cancellation))
                progress?.Report(token);
        return engine.Finish(cancellation);
    }

    /// <summary>Continues every prompt and gives each token as soon as it is chosen, those of one step row by row.</summary>
    /// <param name="options">How tokens are chosen and when a text ends; null is greedy, 50 tokens.</param>
    /// <param name="cancellation">Ends generation between two tokens; nothing is left behind.</param>
    /// <exception cref="ArgumentException">Options are wrong, padding stands between a prompt and its continuation, or the context has no room.</exception>
    /// <exception cref="InvalidOperationException">The plan captures activations, which a stream does not keep.</exception>
    public IAsyncEnumerable<GeneratedToken> GenerateStream(GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        if (!Captures.IsEmpty)
            throw new InvalidOperationException("A stream keeps no activations, and the plan captures some: use Generate, which reports progress too.");
        (options ?? new GenerationOptions()).Validated(Model);
        return Streamed(options ?? new GenerationOptions(), cancellation);
    }

    /// <summary>Continues every prompt greedily (argmax, the lowest id among equals).</summary>
    /// <param name="tokens">How many tokens to add at most.</param>
    /// <param name="stopToken">A row ends with this token; the token is left out of the result.</param>
    /// <param name="cancellation">Ends generation between two tokens.</param>
    /// <returns>The new tokens of each row.</returns>
    /// <exception cref="NotSupportedException">There are edits, and the text grows past a length where the model's rotary frequencies change.</exception>
    /// <exception cref="ArgumentException">Padding stands between a prompt and its continuation, or prompt and continuation exceed the context.</exception>
    public int[][] GenerateTokens(int tokens, int? stopToken = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        var length = Input.Length + (PastKeysValues?.Length ?? 0);
        // The last new token is not read.
        if (length + tokens - 1 > Model.Config.Context && tokens > 0 && Model.Config.Positions != PositionKind.None)
            throw new ArgumentException($"{length} tokens and {tokens} new ones exceed the context of {Model.Config.Context}.", nameof(tokens));
        using var engine = new GenerationEngine(
            this with { Captures = [] }, new GenerationOptions { Tokens = tokens, StopAtEnd = false, StopTokens = stopToken is { } stop ? [stop] : [] }, cancellation);
        while (!engine.Done)
            engine.Next(cancellation);
        return [.. engine.Texts.Select(row => row.Added.ToArray())];
    }

    // Dispose scopes belong to a thread: each step opens and closes its own, on whichever thread it runs.
    private async IAsyncEnumerable<GeneratedToken> Streamed(GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var engine = await Task.Run(() => new GenerationEngine(this, options, cancellation), cancellation).ConfigureAwait(false);
        while (!engine.Done)
            foreach (var token in await Task.Run(() => engine.Next(cancellation), cancellation).ConfigureAwait(false))
                yield return token;
    }
}
