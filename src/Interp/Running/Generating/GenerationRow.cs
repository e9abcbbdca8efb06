namespace Interp;

/// <summary>One text while it is written.</summary>
/// <param name="prompt">Which prompt it continues.</param>
/// <param name="sample">Which sample of it.</param>
/// <param name="tokens">The prompt's real tokens.</param>
/// <param name="stream">Its text, or null without a tokenizer.</param>
internal sealed class GenerationRow(int prompt, int sample, IReadOnlyList<int> tokens, TextStream? stream)
{
    private readonly List<double> logProbabilities = [];

    public int Prompt => prompt;

    public int Sample => sample;

    /// <summary>Prompt and everything the row was fed, also behind its end.</summary>
    public List<int> Text { get; } = [.. tokens];

    /// <summary>The new tokens that belong to the text.</summary>
    public List<int> Added { get; } = [];

    public StopReason? Stop { get; set; }

    /// <summary>Takes a token and says what became of the text.</summary>
    public (string Piece, StopReason? Stop) Take(int id, double logProbability, bool stops, StopReason? limit)
    {
        Text.Add(id);
        if (stops)
            return End("", StopReason.StopToken);
        Added.Add(id);
        logProbabilities.Add(logProbability);
        var piece = stream?.Add(id) ?? "";
        return stream?.Stopped == true ? End(piece, StopReason.StopString) : limit is { } reason ? End(piece, reason) : (piece, null);
    }

    public GeneratedRow Result() => new()
    {
        Prompt = prompt, Sample = sample, Tokens = [.. Added], LogProbabilities = [.. logProbabilities], Text = stream?.Text, Stop = Stop ?? StopReason.Tokens,
    };

    private (string Piece, StopReason? Stop) End(string piece, StopReason reason)
    {
        Stop = reason;
        return (piece + stream?.Rest(), reason);
    }
}
