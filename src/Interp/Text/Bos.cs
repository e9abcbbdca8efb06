namespace Interp;

/// <summary>What an encoding does about the beginning-of-sequence token. Whatever is asked, it never stands twice at the beginning.</summary>
public enum Bos
{
    /// <summary>As the tokenizer's own files say: <see cref="ITokenizer.AddsBos"/>.</summary>
    Default,

    /// <summary>The encoding begins with it, also where the tokenizer would not add it.</summary>
    Always,

    /// <summary>It is not added. One that is written in the text stays.</summary>
    Never,
}
