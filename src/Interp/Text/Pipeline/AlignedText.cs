namespace Interp;

/// <summary>A text on its way to tokens, which remembers for each of its characters the range of the original text it came from.</summary>
internal sealed class AlignedText
{
    private readonly int[]? starts;
    private readonly int[]? ends;

    /// <summary>The original itself: every character came from where it stands.</summary>
    public AlignedText(string text) => Text = text;

    /// <summary>A changed text with the origin of each character.</summary>
    public AlignedText(string text, int[] starts, int[] ends) => (Text, this.starts, this.ends) = (text, starts, ends);

    public string Text { get; }

    public bool IsOriginal => starts is null;

    public int OriginStart(int index) => starts is null ? index : starts[index];

    public int OriginEnd(int index) => ends is null ? index + 1 : ends[index];
}
