namespace Interp;

/// <summary>The special tokens of a tokenizer and its template: which of them stand before and after a text by default.</summary>
internal sealed record SpecialTokens
{
    public int? Bos { get; init; }

    public int? Eos { get; init; }

    public int? Pad { get; init; }

    public IReadOnlyList<int> Before { get; init; } = [];

    public IReadOnlyList<int> After { get; init; } = [];

    public bool AddsBos => Bos is { } bos && Before.Contains(bos);

    /// <summary>What goes before a text whose own first token is <paramref name="first"/>; never a second beginning.</summary>
    public int[] BeforeText(EncodeOptions options, int first)
    {
        if (options.Bos == Interp.Bos.Always && Bos is null)
            throw new ArgumentException("Bos.Always was asked, but this tokenizer has no beginning-of-sequence token. Use Bos.Default or Bos.Never.", nameof(options));
        var template = options.AddSpecialTokens ? Before : [];
        if (Bos is not { } bos)
            return [.. template];
        var rest = template.Where(id => id != bos).ToArray();
        var wanted = options.Bos == Interp.Bos.Always || (options.Bos == Interp.Bos.Default && template.Contains(bos));
        return wanted && !(rest.Length == 0 && first == bos) ? [bos, .. rest] : rest;
    }

    public int[] AfterText(EncodeOptions options) => options.AddSpecialTokens ? [.. After] : [];
}
