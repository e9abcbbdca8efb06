namespace Interp;

/// <summary>One step from tokens, as the file spells them, back to text.</summary>
internal abstract class TokenDecoder
{
    /// <summary>The strings of a whole sequence, changed; joined in the end.</summary>
    public abstract List<string> Decode(List<string> tokens);

    /// <summary>The string of one token for display: nothing stripped that belongs to it within a sentence.</summary>
    public virtual string Display(string token) => token;
}
