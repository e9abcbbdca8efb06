namespace Interp;

/// <summary>A piece of text while pairs are merged: its tokens, and how often it occurs.</summary>
internal sealed class PairWord(List<int> tokens, long count)
{
    public List<int> Tokens { get; } = tokens;

    public long Count { get; } = count;

    /// <summary>Each pair of neighbours.</summary>
    public IEnumerable<(int Left, int Right)> Pairs()
    {
        for (var i = 0; i + 1 < Tokens.Count; i++)
            yield return (Tokens[i], Tokens[i + 1]);
    }

    /// <summary>Puts one token in the place of a pair, leftmost first.</summary>
    public void Merge(int left, int right, int merged)
    {
        var kept = 0;
        for (var i = 0; i < Tokens.Count; i++)
        {
            var hit = i + 1 < Tokens.Count && Tokens[i] == left && Tokens[i + 1] == right;
            Tokens[kept++] = hit ? merged : Tokens[i];
            if (hit)
                i++;
        }
        Tokens.RemoveRange(kept, Tokens.Count - kept);
    }
}
